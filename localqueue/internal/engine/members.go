package engine

// place takes in a message: state delayed if due lies ahead, else visible.
func (s *store) place(now Time, seq uint64, m *Message, sent, due Time, home Place) uint32 {
	id := s.slots.alloc()
	x := s.slots.at(id)
	*x = slot{seq: seq, sent: sent, due: due, state: visible}
	if s.onDisk() {
		x.setHome(home)
		s.need(home.Segment, home.weight())
	} else {
		x.md5, x.where = m.MD5, s.bodies.add(id, m.Blob)
	}
	if m.Group != "" {
		x.group = s.groups.make(m.Group, s.set.FIFO)
	}
	s.enter(now, id)
	return id
}

// enter gives a message that has its slot its place in the queue: delayed until
// its due if that lies ahead, else visible.
func (s *store) enter(now Time, id uint32) {
	x := s.slots.at(id)
	s.ages.add(id)
	if x.group != 0 {
		s.groups.at(x.group).messages++
	}
	if due := x.due; due > now {
		x.state = delayed
		s.counts.Delayed++
		s.due.set(id, due)
	} else {
		s.counts.Visible++
	}
	if s.set.FIFO {
		g := s.groups.at(x.group)
		appendTo(&s.slots, &g.head, &g.tail, id)
		s.widen()
	} else {
		s.join(id)
	}
}

// join adds a new message of a standard queue to the pile it belongs to.
func (s *store) join(id uint32) {
	x := s.slots.at(id)
	p := &s.loose
	if x.group != 0 {
		g := s.groups.tenant(x.group)
		g.waiting++
		p = &g.pile
	}
	if x.state == visible {
		p.append(&s.slots, id)
		s.rank(x.group)
	}
}

// remove deletes a message in any state.
func (s *store) remove(at Time, id uint32) {
	m := s.slots.at(id)
	gid := m.group
	switch m.state {
	case visible:
		s.counts.Visible--
		if !s.set.FIFO && gid == 0 {
			s.loose.remove(&s.slots, id)
		} else if !s.set.FIFO {
			s.groups.tenant(gid).pile.remove(&s.slots, id)
		}
	case delayed:
		s.counts.Delayed--
		s.due.drop(id)
	case inFlight:
		s.due.drop(id)
		s.leaveFlight(at, gid)
	}
	if s.isSpent(m) {
		s.spent--
	}
	if gid != 0 {
		s.quit(gid, id, m.state)
	}
	if m.flags&flagMoved != 0 {
		delete(s.moved, m.seq)
	}
	if m.seq <= s.recovered {
		s.restored.drop(m.seq)
	}
	if s.set.FIFO {
		s.leaveWindow(id)
	}
	s.ages.remove(id)
	if s.onDisk() {
		s.disown(m)
	} else {
		s.bodies.drop(m.where)
	}
	s.slots.release(id)
	if s.set.FIFO {
		s.widen()
	}
}

// quit takes a message out of its group.
func (s *store) quit(gid, id uint32, was state) {
	g := s.groups.at(gid)
	g.messages--
	if !s.set.FIFO {
		if was != inFlight {
			s.groups.tenant(gid).waiting--
		}
		s.rank(gid)
		return
	}
	first := g.head == id
	removeFrom(&s.slots, &g.head, &g.tail, id)
	if first {
		s.refresh(gid)
	}
	if g.messages == 0 {
		s.groups.drop(gid)
	}
}

// thaw gives the oldest message of the backlog a slot.
func (s *store) thaw() uint32 { return s.unfreeze(s.cold.pop()) }

func (s *store) unfreeze(c cold) uint32 {
	id := s.slots.alloc()
	m := s.slots.at(id)
	*m = slot{seq: c.seq, sent: c.sent, due: c.sent, state: visible}
	m.setHome(c.home)
	if s.replaying != nil || c.seq <= s.recovered { // a handle of before may name it
		s.restored.add(c.seq, id)
	}
	if s.replaying != nil {
		return id
	}
	s.ages.add(id)
	s.loose.giveBack(&s.slots, id)
	return id
}
