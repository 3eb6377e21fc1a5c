package engine

// refresh puts a FIFO group among the ready ones, or takes it out, as its head
// says: only the head can be deliverable, since whatever follows a message in
// flight waits, and delays end in the order of sending.
func (s *store) refresh(gid uint32) {
	g := s.groups.at(gid)
	if g.head == 0 {
		s.ready.drop(gid)
		return
	}
	if m := s.slots.at(g.head); m.state == visible {
		s.ready.set(gid, m.due)
	} else {
		s.ready.drop(gid)
	}
}
