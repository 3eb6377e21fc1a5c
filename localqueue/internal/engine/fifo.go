package engine

// window is the part of a FIFO queue that receives look at: its oldest messages,
// as many as Settings.Window, which the order of age lists first.
type window struct {
	edge uint32 // the youngest message inside; 0: none is
	last uint64 // its sequence number
	n    int    // messages inside
}

// widen takes in what comes after the edge while there is room.
func (s *store) widen() {
	w := &s.window
	for s.set.Window == 0 || w.n < s.set.Window {
		next := s.ages.head
		if w.edge != 0 {
			next = s.slots.at(w.edge).age.next
		}
		if next == 0 {
			return
		}
		m := s.slots.at(next)
		w.edge, w.last, w.n = next, m.seq, w.n+1
		if s.groups.at(m.group).head == next {
			s.refresh(m.group)
		}
	}
}

// leaveWindow takes a message that is about to be removed out of the window.
func (s *store) leaveWindow(id uint32) {
	w := &s.window
	m := s.slots.at(id)
	if w.n == 0 || m.seq > w.last {
		return
	}
	w.n--
	if id == w.edge {
		w.edge = m.age.prev
	}
}

// rewindow starts the window afresh after its size changed.
func (s *store) rewindow() {
	s.window = window{}
	for id := 1; id < len(s.groups.all); id++ {
		s.refresh(uint32(id))
	}
	s.widen()
}

// refresh puts a FIFO group among the ready ones, or takes it out, as its head
// says: only the head can be deliverable, since whatever follows a message in
// flight waits, and delays end in the order of sending.
func (s *store) refresh(gid uint32) {
	g := s.groups.at(gid)
	if g.head == 0 {
		s.ready.drop(gid)
		return
	}
	if m := s.slots.at(g.head); m.state == visible && m.seq <= s.window.last {
		s.ready.set(gid, m.due)
	} else {
		s.ready.drop(gid)
	}
}
