package journal

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// bury takes dropped segments out of the log: first out of the manifest, so that no
// crash brings them back; then they lose their names, and are removed, or written again
// once the disk has that.
func (l *Log) bury() error {
	dead, m := l.mourn()
	if len(dead) > 0 && !m.alike(&l.register.last) {
		if err := l.register.save(m); err != nil {
			return fmt.Errorf("drop segment: %w", err)
		}
	}
	l.answerDroppers(nil)
	for _, s := range dead {
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
		l.spares, l.moved, l.leaving, l.unsettled = append(l.spares, l.moved...), nil, nil, false
	}
	return nil
}

// mourn says which segments were dropped and are still there, and what the manifest says
// without them, and takes those on who wait for that.
func (l *Log) mourn() ([]*segment, manifest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.takeDroppers()
	return slices.Clone(l.dead), l.roll(nil)
}

// roll is the manifest of the segments that are there, and one more if it is not nil. What
// was dropped is not among them, for all that stands in for it is on the disk, but among
// those that are leaving. The caller holds the lock, or there is nobody else.
func (l *Log) roll(more *segment) manifest {
	m := manifest{log: l.log, synced: max(l.synced, l.register.last.synced), next: l.number, leaving: slices.Clone(l.leaving)}
	switch {
	case more != nil:
		m.segments = append(m.segments, more.number)
	case l.newborn != nil: // it has its name, and is newer than this
		m.next = l.newborn.number
	}
	m.segments = slices.AppendSeq(m.segments, maps.Keys(l.segments))
	slices.Sort(m.segments)
	for _, s := range l.dead {
		m.leaving = append(m.leaving, s.number)
	}
	slices.Sort(m.leaving)
	return m
}

// takeDroppers takes those on who wait for what was dropped so far to be gone. The caller
// holds the lock.
func (l *Log) takeDroppers() {
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
	l.mu.Lock()
	l.takeDroppers()
	l.mu.Unlock()
	err := cmp.Or(l.failure(), ErrClosed)
	l.answerDroppers(err)
}

// interred notes that the first of the dropped segments is gone.
func (l *Log) interred() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leaving = append(l.leaving, l.dead[0].number)
	l.dead, l.unsettled = l.dead[1:], true
	l.pause = 0 // somebody makes room
}

// syncNames syncs the directory.
func (l *Log) syncNames() error {
	if err := l.dir.Sync(); err != nil {
		return &syncError{"the directory", err}
	}
	return nil
}
