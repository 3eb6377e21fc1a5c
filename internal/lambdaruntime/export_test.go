package lambdaruntime

// Waits reports whether the slot's process waits for an event.
func (s *Slot) Waits() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting != nil
}

// Nexts is how many nexts of the slot's process wait for an event.
func (s *Slot) Nexts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == nil {
		return 0
	}
	return s.waiting.waits
}
