package engine

// revive is a slot for message seq, its own if it has one.
func (s *store) revive(seq uint64) uint32 {
	id, ok := s.restored.find(seq)
	if !ok {
		id = s.slots.alloc()
		s.restored.add(seq, id)
	}
	return id
}

func (s *store) groupNamed(name []byte) uint32 {
	if len(name) == 0 {
		return 0
	}
	return s.groups.make(string(name), true) // recovery's end makes tenants of them
}

// recall is the slot of a message that is known, which leaves the backlog for it.
func (s *store) recall(seq uint64) (uint32, bool) {
	id, ok := s.restored.find(seq)
	if ok {
		return id, true
	}
	c, ok := s.cold.take(seq)
	for _, run := range s.replaying.runs {
		if !ok && run.covers(seq) {
			c, ok = run.take(seq)
		}
	}
	if !ok {
		return 0, false
	}
	return s.unfreeze(c), true
}

// lose forgets a message.
func (s *store) lose(seq uint64) {
	id, ok := s.restored.find(seq)
	if ok {
		s.restored.drop(seq)
		delete(s.moved, seq)
		s.slots.release(id)
		return
	}
	if _, ok = s.cold.take(seq); ok {
		return
	}
	for _, run := range s.replaying.runs {
		if run.covers(seq) {
			run.take(seq)
		}
	}
}

func (s *store) replayCopy(now Time, at Place, f *fact) {
	f.home = at
	f.flags &^= flagAway // it is at home in this record
	s.seq = max(s.seq, f.seq)
	if f.seq <= s.purged {
		return
	}
	if f.receives > 0 || f.flags != 0 || len(f.group) > 0 || f.due > now {
		s.learn(f, 0, true)
		return
	}
	if s.cold.move(f.seq, at) {
		return
	}
	for _, run := range s.replaying.runs {
		if run.covers(f.seq) && run.move(f.seq, at) {
			return
		}
	}
	if _, known := s.recall(f.seq); known || !s.stray(cold{f.seq, f.sent, at}) {
		s.learn(f, 0, true)
	}
}

// stray adds a message out of order; false: it does not fit.
func (s *store) stray(c cold) bool {
	runs := s.replaying.runs
	if n := len(runs); n > 0 && runs[n-1].push(c) {
		return true
	}
	run := new(backlog)
	if !run.push(c) {
		return false
	}
	s.replaying.runs = append(runs, run)
	return true
}

// learn takes in a fact, marked in segment; whole: it says everything.
func (s *store) learn(f *fact, segment uint32, whole bool) {
	id, ok := s.recall(f.seq)
	switch {
	case f.seq <= s.purged, !ok && !whole:
		return
	case !ok:
		id = s.revive(f.seq)
		*s.slots.at(id) = slot{seq: f.seq, state: visible}
	}
	m := s.slots.at(id)
	m.receives, m.first, m.due = f.receives, f.first, f.due
	m.flags = m.flags&^flagChanged | f.flags&flagChanged
	m.setMark(segment)
	if !whole {
		return
	}
	m.flags = f.flags
	m.sent, m.group = f.sent, s.groupNamed(f.group)
	m.setHome(f.home)
	if f.flags&flagMoved != 0 {
		if s.moved == nil {
			s.moved = map[uint64]arrival{}
		}
		s.moved[f.seq] = f.arrival
	}
}
