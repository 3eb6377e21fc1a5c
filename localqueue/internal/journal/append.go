package journal

import "time"

// Append puts r behind everything appended before and says where it will stand. It
// copies the body and waits for nothing, so it may be called under a lock, and it fixes
// the order of records: that of the calls. Records of mode Synced appended while a sync
// is in flight are the next group.
//
// A position is only given within a segment that stands written on the disk in full,
// so that a full disk shows in Admit and not later. What was admitted always finds room;
// what was not is appended with mode Reserve, and is refused with ErrFull if there is
// none left. The other errors are ErrTooLong and what ended the log. Nothing was
// appended then.
//
// The record counts as appended for good even if Wait does not return nil for it.
func (l *Log) Append(r Record, m Mode) (Pos, Ticket, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var charge int64
	err := l.appendable(r)
	if err == nil && m&Reserve != 0 {
		charge, err = l.grab(r)
	}
	if err != nil {
		return Pos{}, Ticket{}, err
	}
	g := l.place(r)
	if g == nil {
		err = ErrFull
	} else {
		l.put(g, r)
		l.recount()
	}
	if charge > 0 {
		l.promised.Add(-charge)
		l.room.Broadcast()
	}
	if err != nil {
		return Pos{}, Ticket{}, err
	}
	at := Pos{g.segment.number, g.start + uint32(len(g.buf)-len(r.body)-recordHeader)}
	ticket := g.ticket(m, l.opts.Sync)
	l.stir()
	return at, ticket, nil
}

// appendable reports whether r can be appended at all.
func (l *Log) appendable(r Record) error {
	if n := len(r.body); n > maxBody || segmentHeader+recordHeader+int64(n)+2*endSize > l.opts.SegmentSize {
		return ErrTooLong
	}
	return l.ended()
}

// place finds the group that r goes into, nil if there is no room.
func (l *Log) place(r Record) *group {
	if !l.fits(r) {
		if len(l.ready) == 0 {
			return nil
		}
		l.turn()
	}
	return l.open()
}

// put adds r to its group.
func (l *Log) put(g *group, r Record) {
	at := len(g.buf)
	g.buf = appendRecordHeader(g.buf, g.segment.identity, kindRecord, r)
	g.sum = chain(g.sum, g.buf[at:])
	g.buf = append(g.buf, r.body...)
	g.count++
	l.footer.add(g.start+uint32(at), uint32(len(r.body)), r.body[:r.head])
}

// fits reports whether current has room for r, for the end of its group, and for the
// end of an empty one that may have to seal the segment later; and for a footer that
// tells of r, if there will be one. The longest records leave no room for one.
func (l *Log) fits(r Record) bool {
	if l.current == nil {
		return false
	}
	to := int64(l.end()) + recordHeader + int64(len(r.body)) + 2*endSize
	if to > l.current.size {
		return false
	}
	return to+l.footer.grown(l.end(), r) <= l.current.size || l.end() == segmentHeader
}

// turn seals current and goes on with the first segment that stands ready.
func (l *Log) turn() {
	if l.current != nil {
		l.shut(l.open(), kindSeal)
		l.pace()
	}
	l.current, l.ready = l.ready[0], l.ready[1:]
	l.tail, l.first = segmentHeader, l.next
	l.footer.reset(l.current.size)
	wake(l.fills)
}

// pace notes that a segment was used up, and how fast that went.
func (l *Log) pace() {
	now := time.Now()
	l.fast = len(l.ready) < l.ahead() || now.Sub(l.turned).Seconds()*fastRate < float64(l.current.size)
	l.turned = now
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
	return g
}

// shut ends a group, and adds the footer if it seals its segment.
func (l *Log) shut(g *group, kind byte) {
	e := end{g.seq, l.synced, g.start, g.count, g.sum}
	g.buf = appendEnd(g.buf, g.segment.identity, kind, e)
	g.closed, g.last = true, kind == kindSeal
	g.end = g.start + uint32(len(g.buf))
	l.tail = g.end
	if g.last {
		g.segment.used = g.end
		l.seal(g, e)
	}
}

// seal adds the footer, behind the group if there is not much between them.
func (l *Log) seal(g *group, e end) {
	t := trailer{first: l.first, last: e.seq, synced: e.synced, end: g.end}
	b, at := l.footer.finish(g.segment, t)
	switch gap := at - int64(g.end); {
	case b == nil:
	case gap <= maxGap:
		g.buf = append(append(g.buf, make([]byte, gap)...), b...)
	default:
		g.footer, l.footer.buf = b, nil
	}
}
