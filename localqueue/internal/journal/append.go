package journal

// Append puts r behind everything appended before and says where it will stand. It
// copies the body, so it is cheap and may be called under a lock, and it fixes the
// order of records: that of the calls. Records appended while a sync is in flight
// are the next group.
//
// A position is only given within a segment that stands written on the disk in
// full, so that a full disk shows here and not later: the error is then ErrFull,
// nothing was appended, and records of mode Reserve still find room. If the log is
// written faster than segments can be made, Append waits for the disk.
//
// The record counts as appended for good even if Wait does not return nil for it.
func (l *Log) Append(r Record, m Mode) (Pos, Ticket, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g, err := l.place(len(r.body), m)
	if err != nil {
		return Pos{}, Ticket{}, err
	}
	at := Pos{g.segment.number, g.start + uint32(len(g.buf))}
	g.buf = appendRecordHeader(g.buf, g.segment.identity, kindRecord, len(r.body), r.sum)
	g.sum = chain(g.sum, g.buf[len(g.buf)-recordHeader:])
	g.buf = append(g.buf, r.body...)
	g.count++
	return at, g.ticket(m, l.opts.Sync), nil
}

// place finds the group that a body of n bytes goes into.
func (l *Log) place(n int, m Mode) (*group, error) {
	if n > maxBody || segmentHeader+recordHeader+int64(n)+2*endSize > l.opts.SegmentSize {
		return nil, ErrTooLong
	}
	for {
		if err := l.ended(); err != nil {
			return nil, err
		}
		if l.stalled {
			return nil, ErrFull
		}
		fresh := !l.fits(n)
		need := 0
		if m&Reserve == 0 {
			need++ // one stays ready for those that may use the reserve
		}
		if fresh {
			need++
		}
		if len(l.ready) >= need {
			if fresh {
				l.turn()
			}
			return l.open(), nil
		}
		if l.full {
			return nil, ErrFull
		}
		l.room.Wait()
	}
}

// fits reports whether current has room for a body of n bytes, for the end of its
// group, and for the end of an empty one that may have to seal the segment later.
func (l *Log) fits(n int) bool {
	if l.current == nil {
		return false
	}
	at := int64(l.tail)
	if g := l.opened(); g != nil {
		at = int64(g.start) + int64(len(g.buf))
	}
	return at+recordHeader+int64(n)+2*endSize <= l.current.size
}

// turn seals current and goes on with the first segment that stands ready.
func (l *Log) turn() {
	if l.current != nil {
		l.shut(l.open(), kindSeal)
	}
	l.current, l.ready = l.ready[0], l.ready[1:]
	l.tail = segmentHeader
	wake(l.fills)
}

// opened is the group that takes records, nil if there is none.
func (l *Log) opened() *group {
	if n := len(l.pending); n > 0 && !l.pending[n-1].closed {
		return l.pending[n-1]
	}
	return nil
}

func (l *Log) open() *group {
	if g := l.opened(); g != nil {
		return g
	}
	g := &group{segment: l.current, seq: l.next, start: l.tail, buf: l.buffer()}
	l.next++
	l.marked = false
	l.pending = append(l.pending, g)
	wake(l.commits)
	return g
}

// shut ends a group.
func (l *Log) shut(g *group, kind byte) {
	g.buf = appendEnd(g.buf, g.segment.identity, kind, end{g.seq, l.synced, g.start, g.count, g.sum})
	g.closed, g.last = true, kind == kindSeal
	l.tail = g.start + uint32(len(g.buf))
}
