package journal

// Seal ends segment n, if it is the one that is written to, so that it can be emptied
// and dropped on a disk that has no room for another one: it goes on, with an empty group,
// with one that is kept back. It returns when all of that is on the disk. The error is
// ErrFull if there is none, or what is left of this one was promised.
func (l *Log) Seal(n uint32) error {
	if err := l.abandon(n); err != nil {
		return err
	}
	return l.Sync()
}

// abandon turns to the next segment.
func (l *Log) abandon(n uint32) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.ended(); err != nil {
		return err
	}
	if l.current == nil || l.current.number != n {
		return nil
	}
	left := l.left() + endSize
	defer func() {
		l.promised.Add(-left)
		l.room.Broadcast()
	}()
	if l.promised.Add(left) > l.allowed[Clearing].Load() || len(l.ready) == 0 {
		return ErrFull
	}
	l.turn()
	l.shut(l.open(), kindEnd) // so that the log does not end in the one that is to be dropped
	l.recount()
	l.stir()
	return nil
}
