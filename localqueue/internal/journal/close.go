package journal

import "fmt"

// Close writes and syncs what was appended, whatever the policy, leaves a note for
// the next Open that it did, ends the goroutines and closes the files. It returns the error that ended the log before,
// or ErrFull if there was no room for what was left, which is then lost. Later
// calls return nil.
func (l *Log) Close() (err error) {
	l.once.Do(func() {
		l.mu.Lock()
		l.closing = true
		l.recount()
		l.room.Broadcast()
		l.mu.Unlock()
		wake(l.commits)
		wake(l.fills)
		l.running.Wait()
		l.mu.Lock()
		defer l.mu.Unlock()
		err = l.err
		l.closeFiles()
	})
	return err
}

func (l *Log) closeFiles() {
	for _, s := range l.segments {
		_ = s.file.Close() // synced, or the log has failed
	}
	for _, s := range l.dead {
		_ = s.file.Close()
	}
}

// mark ends a log that is being closed, and all of which is on the disk, with an
// empty group, which says so to the next Open. If there is no room for it, nothing is
// lost.
func (c *committer) mark() error {
	g := c.l.final()
	if g == nil {
		return nil
	}
	_, err := g.segment.file.WriteAt(g.buf, int64(g.start))
	if diskFull(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write the end of the journal: %w", err)
	}
	if err := g.segment.file.Sync(); err != nil {
		return &syncError{segmentName(g.segment.number), err}
	}
	return nil
}

// final is an empty group behind everything, nil if there is one, or no room for it
// in its segment. The log is being closed: nothing joins it.
func (l *Log) final() *group {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.marked || l.current == nil || int64(l.tail)+2*endSize > l.current.size {
		return nil
	}
	g := l.open()
	l.shut(g, kindEnd)
	l.pending, l.marked = nil, true
	return g
}
