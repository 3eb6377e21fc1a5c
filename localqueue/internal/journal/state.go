package journal

// Err is the error that ended the log, nil while it goes on or was closed in order.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Full reports whether the disk has no room for what the log needs.
func (l *Log) Full() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.full || l.stalled
}

// Clean reports whether the log ends as Close leaves it, or never began: nothing that
// came after was lost. It tells of what Open found until something is appended.
func (l *Log) Clean() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.marked
}
