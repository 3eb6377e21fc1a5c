package journal

import "fmt"

// bury takes dropped segments out of the log, to be written again or removed. It
// is done no earlier than the directory is synced: until then a crash may bring
// them back under their old names, so they must stay as they are.
func (l *Log) bury() error {
	l.takeDroppers()
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
	if l.unsettled {
		if err := l.syncNames(); err != nil {
			return err
		}
		l.spares, l.moved, l.unsettled = append(l.spares, l.moved...), nil, false
	}
	l.answerDroppers(nil)
	return nil
}

// takeDroppers takes those on who wait for what was dropped so far to be gone.
func (l *Log) takeDroppers() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buried != nil {
		l.droppers, l.buried = append(l.droppers, l.buried), nil
	}
}

// answerDroppers answers them.
func (l *Log) answerDroppers(err error) {
	for _, n := range l.droppers {
		n.give(err)
	}
	l.droppers = nil
}

// dismiss answers all who are left when the filler ends.
func (l *Log) dismiss() {
	l.takeDroppers()
	err := l.failure()
	if err == nil {
		err = ErrClosed
	}
	l.answerDroppers(err)
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
