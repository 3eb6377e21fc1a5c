package engine

func (s *store) Configure(now Time, set Settings) {
	s.configure(now, set)
	s.advance(now) // a shorter retention or delay counts at once
}

// configure is Configure, but what is too old now goes with the next step.
func (s *store) configure(now Time, set Settings) {
	now = s.advance(now)
	old := s.set
	s.set = set
	switch {
	case !s.begun:
		s.begun = true
		s.dedup.scope(set.GroupScope)
	case s.dedup.group == set.GroupScope:
		s.scopeAt = Never
	case old.GroupScope != set.GroupScope:
		s.scopeAt = later(now, ScopeDelay)
	}
	if old.MaxReceives != set.MaxReceives {
		s.recountSpent()
	}
	if set.FIFO && old.Window != set.Window {
		s.rewindow()
	}
	if set.FIFO && old.Delay != set.Delay {
		s.delayAgain(now)
	}
}

func (s *store) recountSpent() {
	s.spent = 0
	s.each(func(id uint32, m *slot) {
		if s.isSpent(m) {
			s.spent++
		}
	})
}

// delayAgain applies a changed delay to the messages of a FIFO queue that were
// never received there.
func (s *store) delayAgain(now Time) {
	s.each(func(id uint32, m *slot) {
		if s.receivesHere(m) > 0 {
			return
		}
		due := later(m.sent, s.set.Delay)
		switch {
		case m.state == delayed:
			m.due = due
			s.due.set(id, due) // advance ripens it if that is over
		case due > now:
			m.state, m.due = delayed, due
			s.counts.Visible--
			s.counts.Delayed++
			s.due.set(id, due)
		default:
			m.due = due
		}
		s.refresh(m.group)
	})
}

// each visits every message, in no order that matters.
func (s *store) each(f func(id uint32, m *slot)) {
	for id := uint32(1); id < s.slots.used; id++ {
		if m := s.slots.at(id); m.state != free {
			f(id, m)
		}
	}
}
