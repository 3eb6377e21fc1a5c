package lambdaruntime

// Waits reports whether the slot's process waits for an event.
func (s *Slot) Waits() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting != nil
}
