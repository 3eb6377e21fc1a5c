package journal

import "fmt"

// mark is a position as one number; marks are in the order of the log.
func (p Pos) mark() uint64 { return uint64(p.Segment)<<32 | uint64(p.Offset) }

// Await returns once the record at p is as safe as Synced asks under the policy. Nearly
// always it is, which is quickly seen. The errors are those of Wait.
func (l *Log) Await(p Pos) error {
	if p.mark() < l.safe.Load() {
		return nil
	}
	ticket, err := l.awaited(p)
	if err != nil {
		return err
	}
	return l.Wait(ticket)
}

// awaited sees to it that the record at p will be safe, and says what to wait for.
func (l *Log) awaited(p Pos) (Ticket, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.mark() < l.safe.Load() {
		return Ticket{}, nil
	}
	if l.err != nil {
		return Ticket{}, l.err
	}
	g, written := l.holding(p.mark())
	if g == nil {
		return Ticket{}, fmt.Errorf("await %v: no record stands there", p)
	}
	if !written && l.stalled {
		return Ticket{}, ErrFull
	}
	ticket := g.ticket(Synced, l.opts.Sync)
	l.stir()
	return ticket, nil
}

// holding is a group that is safe no earlier than a record at mark, and as early as one
// can be; nil: nothing stands there. The caller holds the lock.
func (l *Log) holding(mark uint64) (g *group, written bool) {
	for _, g := range []*group{l.syncing.last, l.unsynced.last} {
		if g != nil && mark < g.mark() {
			return g, true
		}
	}
	for _, g := range l.pending {
		if mark < g.mark() {
			return g, false
		}
	}
	return nil, false
}

// newest is the last group that is not known to be on the disk, nil if all are. The
// caller holds the lock.
func (l *Log) newest() *group {
	if n := len(l.pending); n > 0 {
		return l.pending[n-1]
	}
	if l.unsynced.last != nil {
		return l.unsynced.last
	}
	return l.syncing.last
}

// reach notes that everything up to the end of g is safe. The caller holds the lock.
func (l *Log) reach(g *group) { l.safe.Store(g.mark()) }
