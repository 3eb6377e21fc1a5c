package engine

import "time"

func (s *store) Send(now Time, m *Message) Sent {
	now = s.advance(now)
	delay := s.set.Delay
	if !s.set.FIFO && m.Delay >= 0 {
		delay = m.Delay
	}
	if s.set.FIFO && m.Dedup != "" {
		e := s.dedup.entry(m.Group, m.Dedup)
		if seq, ok := s.dedup.find(&e); ok {
			return Sent{seq, true}
		}
		e.seq, e.at = s.seq+1, now
		s.dedup.add(e)
	}
	s.seq++
	if s.log != nil {
		s.log(appendSend(nil, s.number, now, s.seq, later(now, delay), m))
	}
	s.accept(now, s.seq, m, later(now, delay))
	return Sent{Seq: s.seq}
}

// accept is what a send does to the state once its numbers are known.
func (s *store) accept(now Time, seq uint64, m *Message, due Time) {
	id := s.place(now, seq, m, now, due)
	if gid := s.slots.at(id).group; gid != 0 && !s.set.FIFO {
		s.groups.tenant(gid).lastSend = now
	}
}

func (s *store) Arrive(now Time, m *Moved) uint64 {
	now = s.advance(now)
	s.seq++
	seq := s.seq
	s.arrive(now, seq, m)
	s.advance(now) // it may be past the retention of this queue
	return seq
}

func (s *store) arrive(now Time, seq uint64, m *Moved) {
	sent, due := m.Sent, now
	if s.set.FIFO {
		sent, due = now, later(now, s.set.Delay) // or it would stand before its group's head
	}
	id := s.place(now, seq, &m.Message, sent, due)
	x := s.slots.at(id)
	x.receives = m.Receives
	x.flags |= flagMoved
	if s.moved == nil {
		s.moved = map[uint64]arrival{}
	}
	s.moved[seq] = arrival{m.Origin, m.Source, m.Receives, m.First}
}

func (s *store) NeedsDead(now Time) bool {
	s.advance(now)
	return s.spent > 0
}

func (s *store) Delete(now Time, h Handle) Verdict {
	now = s.advance(now)
	id, v := s.consult(now, h)
	if v == Done {
		if s.log != nil {
			s.log(appendDelete(nil, s.number, now, h.Seq))
		}
		s.remove(now, id)
	}
	return v
}

// consult finds the message of h and says whether h may still be used.
func (s *store) consult(now Time, h Handle) (uint32, Verdict) {
	id, ok := s.locate(h)
	if !ok {
		return 0, Gone
	}
	m := s.slots.at(id)
	if now > later(h.At, MaxVisibility) || s.set.FIFO && (m.state != inFlight || m.receives != h.Receive) {
		return id, Expired
	}
	return id, Done
}

func (s *store) ChangeVisibility(now Time, h Handle, d time.Duration) Verdict {
	now = s.advance(now)
	id, v := s.consult(now, h)
	if v == Done && d > 0 && later(now, d) >= later(h.At, MaxVisibility) {
		v = BeyondLimit
	}
	if v == Done {
		if s.log != nil {
			s.log(appendChange(nil, s.number, now, h.Seq, later(now, d)))
		}
		s.change(now, id, later(now, d))
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
	if s.log != nil {
		s.log(appendChange(nil, s.number, now, h.Seq, now))
	}
	s.change(now, id, now)
	return true
}

// change sets the end of a message's visibility timeout; now makes it visible.
func (s *store) change(now Time, id uint32, due Time) {
	m := s.slots.at(id)
	m.flags |= flagChanged
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

func (s *store) Purge(now Time) {
	now = s.advance(now)
	if s.log != nil {
		s.log(appendPurge(nil, s.number, now))
	}
	s.purge()
}

func (s *store) purge() {
	s.clear()
	if s.replaying {
		s.restored = map[uint64]uint32{}
	}
}

func (s *store) Counts(now Time) Counts {
	s.advance(now)
	return s.counts
}

func (s *store) Next(now Time) Time {
	s.advance(now)
	next := s.due.next()
	if s.counts.InFlight > 0 {
		if id, sent := s.ages.oldest(); id != 0 {
			next = min(next, later(sent, s.set.Retention))
		}
	}
	return next
}

func (s *store) Arrivals() uint64 { return s.seq }

func (s *store) Oldest(now Time) Time {
	s.advance(now)
	_, sent := s.ages.oldest()
	return sent
}
