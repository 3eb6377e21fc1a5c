package journal

// What Admit adds to its caller's bytes: records' headers, and an end for each, as if
// every one were a group of its own.
const (
	admitRecords = 16
	recordCost   = recordHeader + endSize
)

// admitSegments is how many segments' worth may be admitted at once.
const admitSegments = 16

// Purpose is what room is wanted for. As a disk gets full, one after the other is
// refused.
type Purpose uint8

const (
	Ordinary Purpose = iota // takes room for good, such as sends
	Urgent                  // leads to room, such as receives
	Freeing                 // makes room in the end, such as deletes; and records of mode Reserve
	Clearing                // makes room at once: what is written is the last that a segment is needed for
	purposes
)

// reserve is how many half segments are kept from each purpose, for the next; halves of
// the largest that there is, since what makes room is to empty one.
var reserve = [purposes]int64{Ordinary: 4, Urgent: 3, Freeing: 2, Clearing: 0}

// Room is room for records that Admit promised. Whoever holds one waits for nothing
// but the log's lock, so that those who wait for room wait for nobody who does, too.
type Room struct {
	l      *Log
	charge int64
}

// Release gives the room back, used or not. It is called once; that of the zero Room
// does nothing.
func (r Room) Release() {
	if r.l != nil {
		r.l.forgo(r.charge)
	}
}

// Admit waits until there is room for records whose bodies have n bytes in all, at
// most 16 of them, and holds it until the Room is released: until then appending them
// never fails for lack of room, whatever others append. It waits for segments to be
// made, so it is called before any lock is taken.
//
// The error is ErrFull if the disk is full, ErrTooLong if no log of this size ever has
// so much room, or what ended the log.
func (l *Log) Admit(n int64, p Purpose) (Room, error) {
	// Twice, since a record that does not fit its segment any more leaves there less
	// than its own length unused.
	charge := 2 * (min(max(n, 0), 1<<40) + admitRecords*recordCost)
	if l.promised.Add(charge) > l.allowed[p].Load() {
		l.forgo(charge)
		if err := l.queue(charge, p); err != nil {
			return Room{}, err
		}
	}
	return Room{l, charge}, nil
}

// forgo takes back what was promised, and lets those look again who wait for it.
func (l *Log) forgo(charge int64) {
	l.promised.Add(-charge)
	if l.queued.Load() > 0 {
		l.mu.Lock()
		l.room.Broadcast()
		l.mu.Unlock()
	}
}

// queue waits until charge can be promised, and promises it.
func (l *Log) queue(charge int64, p Purpose) error {
	if charge > admitSegments*l.capacity(l.opts.SegmentSize) {
		return ErrTooLong
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queued.Add(1)
	defer func() {
		if l.queued.Add(-1) == 0 {
			l.wanted = 0
		}
	}()
	for {
		if err := l.ended(); err != nil {
			return err
		}
		if l.stalled {
			return ErrFull
		}
		promised := l.promised.Add(charge)
		if promised <= l.allowed[p].Load() {
			return nil
		}
		l.promised.Add(-charge)
		if l.full && charge > l.allowed[p].Load() { // otherwise others will give theirs back
			return l.wanting
		}
		if n := l.ahead() + int(promised/l.capacity(l.opts.SegmentSize)); n > l.wanted {
			l.wanted = n
			wake(l.fills) // once: the disk may be full, and it then has its own time
		}
		l.room.Wait()
	}
}

// recount says anew how much may be promised. The caller holds the lock, and calls it
// before those who append can give back their room: what is promised then never
// exceeds what there is.
func (l *Log) recount() {
	var all int64
	if l.ended() == nil && !l.stalled {
		all = l.left()
		for _, s := range l.ready {
			all += l.capacity(s.size)
		}
	}
	half := l.capacity(l.largest) / 2
	for p := range reserve {
		l.allowed[p].Store(max(0, all-reserve[p]*half))
	}
}

// Left is how much may still be promised, charged as Admit does.
func (l *Log) Left(p Purpose) int64 { return l.allowed[p].Load() - l.promised.Load() }

// measure notes how large the largest segment is. The caller holds the lock, or there is
// nobody else.
func (l *Log) measure() {
	l.largest = l.opts.SegmentSize
	for _, s := range l.segments {
		l.largest = max(l.largest, s.size)
	}
	l.recount()
}

// ahead is how many segments stand ready beyond the one in use: one to be written next,
// and as many as are kept back for what makes room, two unless there are larger ones.
func (l *Log) ahead() int {
	return 1 + int((2*l.largest+l.opts.SegmentSize-1)/l.opts.SegmentSize)
}

// capacity is what records and their groups' ends may take of a segment of this size,
// whatever becomes of its footer, and however it is sealed.
func (l *Log) capacity(size int64) int64 {
	return size - segmentHeader - footerLimit(size) - 2*endSize
}

// left is what they may still take of current.
func (l *Log) left() int64 {
	if l.current == nil {
		return 0
	}
	n := l.current.size - int64(l.end()) - 2*endSize
	if l.opened() != nil {
		n -= endSize
	}
	if !l.footer.omitted {
		n -= footerLimit(l.current.size)
	}
	return max(n, 0)
}

// end is where the next record would stand in current.
func (l *Log) end() uint32 {
	if g := l.opened(); g != nil {
		return g.start + uint32(len(g.buf))
	}
	return l.tail
}

// grab takes room for a record that nobody admitted, if it was not promised to others,
// and says what is to be given back once it is appended. The caller holds the lock.
func (l *Log) grab(r Record) (int64, error) {
	charge := int64(len(r.body)) + recordCost
	if !l.fits(r) {
		charge += l.left()
	}
	if promised := l.promised.Add(charge); l.stalled || promised > l.allowed[Freeing].Load() {
		l.promised.Add(-charge)
		return 0, ErrFull
	}
	return charge, nil
}
