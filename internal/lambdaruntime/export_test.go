package lambdaruntime

// Nexts is how many nexts of the slot's process wait for an event.
func (s *Slot) Nexts() int {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	return s.nexts
}

// Down reports whether an error waits for an Invoke.
func (s *Slot) Down() bool { return len(s.down) > 0 }
