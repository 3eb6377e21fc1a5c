package journal

import "fmt"

// bury takes dropped segments out of the log, to be written again or removed. It
// is done no earlier than the directory is synced: until then a crash may bring
// them back under their old names, so they must stay as they are.
func (l *Log) bury() error {
	for {
		s := l.corpse()
		if s == nil {
			break
		}
		_ = s.file.Close() // only read since it was last synced; a second time does no harm
		old := segmentName(s.number)
		if s.size == l.opts.SegmentSize && len(l.spares)+len(l.moved) < l.opts.Spares {
			name := fileName(s.number, suffixSpare)
			if err := l.dir.Rename(old, name); err != nil {
				return fmt.Errorf("drop segment: %w", err)
			}
			l.moved = append(l.moved, name)
		} else if err := l.dir.Remove(old); err != nil {
			return fmt.Errorf("drop segment: %w", err)
		}
		l.interred()
	}
	if !l.unsettled {
		return nil
	}
	if err := l.syncNames(); err != nil {
		return err
	}
	l.spares, l.moved, l.unsettled = append(l.spares, l.moved...), nil, false
	return nil
}

// corpse is a segment that was dropped and is still there.
func (l *Log) corpse() *segment {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.dead) == 0 {
		return nil
	}
	return l.dead[0]
}

func (l *Log) interred() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead, l.unsettled = l.dead[1:], true
}

// syncNames syncs the directory.
func (l *Log) syncNames() error {
	if err := l.dir.Sync(); err != nil {
		return &syncError{"the directory", err}
	}
	return nil
}

// Drop takes segments out of the log that the caller needs no more: reading them
// fails from now on, and their space is given back, or written again, soon.
// Everything appended before is synced first, whatever the policy, so that nothing
// that stands in for what is dropped can be lost. Only segments that are full can
// be dropped, those before the one that is written to.
//
// A crash soon after may bring the segments back at the next Open.
func (l *Log) Drop(numbers ...uint32) error {
	if err := l.droppable(numbers); err != nil {
		return err
	}
	if err := l.Sync(); err != nil {
		return fmt.Errorf("drop segments: %w", err)
	}
	l.mu.Lock()
	for _, n := range numbers {
		if s := l.segments[n]; s != nil { // another Drop may have been faster
			delete(l.segments, n)
			l.dead = append(l.dead, s)
		}
	}
	l.mu.Unlock()
	wake(l.fills)
	return nil
}

func (l *Log) droppable(numbers []uint32) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range numbers {
		switch {
		case l.segments[n] == nil:
			return fmt.Errorf("drop segment %s: %w", segmentName(n), ErrDropped)
		case !l.sealed(n):
			return fmt.Errorf("drop segment %s: it is still written to", segmentName(n))
		}
	}
	return nil
}

// sealed reports whether nothing can be appended to segment n any more. The caller
// holds the lock.
func (l *Log) sealed(n uint32) bool {
	switch {
	case l.current != nil:
		return n < l.current.number
	case len(l.ready) > 0:
		return n < l.ready[0].number
	}
	return true
}
