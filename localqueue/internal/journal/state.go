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

// Clean reports whether Open found what Close leaves when all that was appended is on the
// disk, or a new log: nothing that was ever there was lost.
func (l *Log) Clean() bool { return l.clean }
