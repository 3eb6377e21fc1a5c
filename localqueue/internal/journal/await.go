package journal

import "fmt"

// mark is a position as one number; marks are in the order of the log.
func (p Pos) mark() uint64 { return uint64(p.Segment)<<32 | uint64(p.Offset) }

// Await returns once the record at p is as safe as Synced asks under the policy. Nearly
// always it is, which is quickly seen. The errors are those of Wait.
func (l *Log) Await(p Pos) error {
	for p.mark() >= l.safe.Load() {
		n, err := l.awaited(p)
		if err != nil {
			return err
		}
		wake(l.commits)
		if err := n.wait(); err != nil {
			return err
		}
	}
	return nil
}

// awaited is the notice of when more is safe. It sees to it that the record at p will
// be.
func (l *Log) awaited(p Pos) (*notice, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case p.mark() < l.safe.Load():
		n := newNotice()
		n.give(nil)
		return n, nil
	case l.err != nil:
		return nil, l.err
	case l.stalled:
		return nil, ErrFull
	case l.current == nil || p.mark() >= (Pos{l.current.number, l.end()}).mark():
		return nil, fmt.Errorf("await %v: no record stands there", p)
	}
	l.urged = max(l.urged, p.mark())
	if l.safer == nil {
		l.safer = newNotice()
	}
	return l.safer, nil
}

// reach notes that everything up to the end of g is safe. The caller holds the lock.
func (l *Log) reach(g *group) {
	l.safe.Store(Pos{g.segment.number, g.end}.mark())
	give(&l.safer, nil)
}
