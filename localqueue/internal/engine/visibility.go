package engine

import "time"

func (s *store) ChangeVisibility(now Time, h Handle, d time.Duration) Verdict {
	now = s.advance(now)
	id, v := s.consult(now, h)
	if v == Done && d > 0 && later(now, d) >= later(h.At, MaxVisibility) {
		v = BeyondLimit
	}
	if v == Done {
		s.change(now, id, later(now, d))
		s.logFacts(KindChange, now, "", []uint32{id})
	}
	return v
}

func (s *store) Release(now Time, h Handle) bool {
	now = s.advance(now)
	id, ok := s.locate(h)
	if !ok {
		return false
	}
	if m := s.slots.at(id); m.state != inFlight || m.receives != h.Receive {
		return false
	}
	s.change(now, id, now)
	s.logFacts(KindChange, now, "", []uint32{id})
	return true
}

// change sets the end of a message's visibility timeout; now makes it visible.
func (s *store) change(now Time, id uint32, due Time) {
	m := s.slots.at(id)
	m.flags |= flagChanged
	if m.state == delayed { // a power failure took the receive, and the clock went back
		s.ripen(now, id)
	}
	switch {
	case due > now && m.state == inFlight:
		m.due = due
		s.due.set(id, due)
	case due > now:
		gid := m.group
		s.lease(now, id, m, due)
		s.rerank(gid)
	case m.state == inFlight:
		s.ripen(now, id)
	}
}

// rerank restores the order of a group after one of its messages changed state.
func (s *store) rerank(gid uint32) {
	if s.set.FIFO {
		s.refresh(gid)
	} else {
		s.rank(gid)
	}
}
