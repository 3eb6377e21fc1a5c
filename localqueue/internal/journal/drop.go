package journal

import "fmt"

// Drop takes segments out of the log that the caller needs no more: reading them
// fails from now on, and their space is given back, or written again. Everything
// appended before is synced first, whatever the policy, so that nothing that stands
// in for what is dropped can be lost. Only segments that are sealed can be dropped, and
// not the last one with groups in it, which tells how far the log goes.
//
// It returns when no crash brings them back any more, so that what stands in for them
// may be forgotten. Until then a crash may bring back all of them, or none.
func (l *Log) Drop(numbers ...uint32) error {
	if err := l.droppable(numbers); err != nil {
		return err
	}
	if err := l.Sync(); err != nil {
		return fmt.Errorf("drop segments: %w", err)
	}
	n, err := l.condemn(numbers)
	if err != nil {
		return fmt.Errorf("drop segments: %w", err)
	}
	wake(l.fills)
	if err := n.wait(); err != nil {
		return fmt.Errorf("drop segments: %w", err)
	}
	return nil
}

// condemn takes segments out of what can be read, and is the notice of when they are gone.
func (l *Log) condemn(numbers []uint32) (*notice, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.ended(); err != nil {
		return nil, err
	}
	for _, n := range numbers {
		if s := l.segments[n]; s != nil { // another Drop may have been faster; it is waited for all the same
			delete(l.segments, n)
			l.dead = append(l.dead, s)
		}
	}
	l.measure()
	if l.buried == nil {
		l.buried = newNotice()
	}
	return l.buried, nil
}

func (l *Log) droppable(numbers []uint32) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range numbers {
		switch {
		case l.segments[n] == nil:
			return fmt.Errorf("drop segment %s: %w", segmentName(n), ErrDropped)
		case !l.past(n):
			return fmt.Errorf("drop segment %s: it is still written to", segmentName(n))
		case l.endsIn(n):
			return fmt.Errorf("drop segment %s: the log ends in it", segmentName(n))
		}
	}
	return nil
}

// past reports whether nothing can be appended to segment n any more. The caller
// holds the lock.
func (l *Log) past(n uint32) bool {
	switch {
	case l.current != nil:
		return n < l.current.number
	case len(l.ready) > 0:
		return n < l.ready[0].number
	}
	return true
}

// endsIn reports whether no group stands behind segment n, which is sealed. The caller
// holds the lock.
func (l *Log) endsIn(n uint32) bool {
	if l.current != nil {
		return false
	}
	for other, s := range l.segments {
		if other > n && s.sealed {
			return false
		}
	}
	return true
}
