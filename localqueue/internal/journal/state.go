package journal

// Err is the error that ended the log, nil while it goes on or was closed in order.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}
