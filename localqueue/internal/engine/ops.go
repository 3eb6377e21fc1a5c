package engine

import "time"

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

// thaw gives the oldest message of the backlog a slot.
func (s *store) thaw() uint32 { return s.unfreeze(s.cold.pop()) }

func (s *store) unfreeze(c cold) uint32 {
	id := s.slots.alloc()
	m := s.slots.at(id)
	*m = slot{seq: c.seq, sent: c.sent, due: c.sent, state: visible}
	m.setHome(c.home)
	if s.replaying != nil {
		s.restored[c.seq] = id
		return id
	}
	s.ages.add(id)
	s.loose.giveBack(&s.slots, id)
	return id
}

func (s *store) Arrive(now Time, m *Moved) uint64 {
	now = s.advance(now)
	s.seq++
	seq := s.seq
	s.arrive(now, seq, m)
	s.advance(now) // it may be past the retention of this queue
	return seq
}

// dates are when a message that arrives counts as sent and is due.
func (s *store) dates(now Time, m *Moved) (sent, due Time) {
	if s.set.FIFO {
		return now, later(now, s.set.Delay) // or it would stand before its group's head
	}
	return m.Sent, now
}

// arriving is what will be known of a message that arrives next, on disk.
func (s *store) arriving(now Time, m *Moved) fact {
	sent, due := s.dates(now, m)
	return fact{
		seq: s.seq + 1, flags: flagMoved | flagAway, receives: m.Receives, due: due,
		home: m.Home, sent: sent, group: []byte(m.Group),
		arrival: arrival{m.Origin, m.Source, m.Receives, m.First},
	}
}

func (s *store) arrive(now Time, seq uint64, m *Moved) uint32 {
	sent, due := s.dates(now, m)
	id := s.place(now, seq, &m.Message, sent, due, m.Home)
	x := s.slots.at(id)
	x.receives = m.Receives
	x.flags |= flagMoved
	if s.onDisk() {
		x.flags |= flagAway
	}
	if s.moved == nil {
		s.moved = map[uint64]arrival{}
	}
	s.moved[seq] = arrival{m.Origin, m.Source, m.Receives, m.First}
	return id
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
	s.forsake()
	s.clear()
	s.purged = s.seq
}

// forsake ends the account of everything that a purge removes.
func (s *store) forsake() {
	if !s.onDisk() {
		return
	}
	s.weigh(func(segment uint32, bytes int) { s.need(segment, -bytes) })
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
