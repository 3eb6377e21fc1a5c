package journal

import "fmt"

// Close writes and syncs what was appended, whatever the policy, ends the goroutines,
// leaves a note for the next Open that it did, and closes the files. It returns the error
// that ended the log before, or ErrFull if there was no room for what was left, which is
// then lost. Later calls return nil.
func (l *Log) Close() (err error) {
	l.once.Do(func() {
		l.mu.Lock()
		l.closing = true
		l.stop()
		l.mu.Unlock()
		l.running.Wait()
		l.conclude()
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
	if s := l.newborn; s != nil && s.file != nil {
		_ = s.file.Close()
	}
	l.register.close()
}

// conclude ends a log all of which is on the disk with an empty group, which says so of
// the groups before it, and notes in the manifest that it was closed and how far it goes.
// If there is no room for that, nothing is lost. The goroutines have ended.
func (l *Log) conclude() {
	if g := l.final(); g != nil {
		if err := l.sign(g); err != nil && !diskFull(err) {
			l.fail(fmt.Errorf("write the end of the journal: %w", err))
		}
	}
	if l.failure() != nil {
		return
	}
	m := l.roll(nil)
	m.closed = l.synced == l.next-1
	if err := l.register.save(m); err != nil && !heals(err) {
		l.fail(fmt.Errorf("write the end of the journal: %w", err))
	}
}

// sign writes the last group and syncs it.
func (l *Log) sign(g *group) error {
	if err := g.write(); err != nil {
		return err
	}
	if err := g.segment.file.Sync(); err != nil {
		l.fail(&syncError{segmentName(g.segment.number), err})
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.synced = g.seq
	return nil
}

// final is an empty group behind everything, nil if there is one, or no room for it
// in its segment, or the log has failed. The log is being closed: nothing joins it.
func (l *Log) final() *group {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil || l.marked || l.current == nil || int64(l.tail)+2*endSize > l.current.size {
		return nil
	}
	g := l.open()
	l.shut(g, kindEnd)
	l.pending, l.marked = nil, true
	return g
}
