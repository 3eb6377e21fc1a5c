package lambdaruntime

// Nexts is how many nexts of the slot's process wait for an event.
func (s *Slot) Nexts() int {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	return s.nexts
}
