package engine

func (s *store) Send(now Time, m *Message) Sent {
	now = s.advance(now)
	delay := s.set.Delay
	if !s.set.FIFO && m.Delay >= 0 {
		delay = m.Delay
	}
	var e dedupEntry
	remember := s.set.FIFO && m.Dedup != ""
	if remember {
		e = s.dedup.entry(m.Group, m.Dedup)
		if seq, ok := s.dedup.find(&e); ok {
			return Sent{seq, true}
		}
	}
	home, ok := s.logSend(now, s.seq+1, later(now, delay), m)
	if !ok {
		return Sent{} // the log says why itself
	}
	s.seq++
	if remember {
		e.seq, e.at, e.segment = s.seq, now, home.Segment
		s.dedup.add(e)
		s.need(home.Segment, weightOfDedup)
	}
	s.accept(now, s.seq, m, later(now, delay), home)
	return Sent{Seq: s.seq}
}

// accept is what a send does to the state once its numbers are known.
func (s *store) accept(now Time, seq uint64, m *Message, due Time, home Place) {
	if home != (Place{}) && m.Group == "" && due <= now && s.cold.push(cold{seq, now, home}) {
		s.counts.Visible++
		s.need(home.Segment, home.weight())
		return
	}
	s.sentTo(now, s.slots.at(s.place(now, seq, m, now, due, home)).group)
}

// sentTo notes that a tenant has sent.
func (s *store) sentTo(now Time, gid uint32) {
	if gid != 0 && !s.set.FIFO {
		s.groups.tenant(gid).lastSend = now
	}
}

func (s *store) NeedsDead(now Time) bool {
	s.advance(now)
	return s.spent > 0
}

func (s *store) Delete(now Time, h Handle) Verdict {
	now = s.advance(now)
	id, v := s.consult(now, h)
	if v == Done && s.logGone(KindDelete, now, tomb{h.Seq, s.slots.at(id).where.block}) {
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

func (s *store) Latest(now Time, h Handle) bool {
	s.advance(now)
	id, ok := s.locate(h)
	return ok && s.slots.at(id).receives == h.Receive
}

func (s *store) Purge(now Time) {
	s.advance(now)
	s.forsake()
	s.clear()
	s.purged = s.seq
}

// end is the end of the queue, which the log knows of.
func (s *store) end() {
	s.forsake()
	s.need(s.witness, -weightOfWitness)
	s.progressIn(0)
	s.clear()
	s.witness, s.expired = 0, nil
}

func (s *store) Counts(now Time) Counts {
	s.advance(now)
	return s.counts
}

func (s *store) Next(now Time) Time {
	s.advance(now)
	next := s.due.next()
	if s.counts.InFlight > 0 {
		if sent := s.oldest(); sent != Never {
			next = min(next, later(sent, s.set.Retention))
		}
	}
	return next
}

func (s *store) Arrivals() uint64 { return s.seq }

func (s *store) Oldest(now Time) Time {
	s.advance(now)
	return s.oldest()
}

// oldest is when the message sent longest ago was sent, Never if there is none.
func (s *store) oldest() Time {
	_, sent := s.ages.oldest()
	if s.cold.n > 0 {
		sent = min(sent, s.cold.first().sent)
	}
	return sent
}
