package engine

// maxMoves is how many messages one receive moves away at most; NeedsDead tells
// whether to call again.
const maxMoves = 50

// bury moves a message to the dead-letter queue. False: it stays, since enough were
// moved or the log refused.
func (s *store) bury(now Time, id uint32, dead Messages) bool {
	if s.buried == maxMoves {
		return false
	}
	s.buried++
	m := s.slots.at(id)
	v := Moved{
		Message: s.content(m),
		Origin:  Origin{s.number, m.seq}, Source: s.number,
		Sent: m.sent, First: s.first(m), Receives: m.receives,
	}
	if m.flags&flagMoved != 0 {
		v.Origin = s.moved[m.seq].origin
	}
	if d, ok := dead.(*store); ok {
		return s.buryIn(d, now, id, &v)
	}
	s.remove(now, id)
	dead.Arrive(now, &v)
	return true
}

// buryIn does it not through Arrive, which would end timeouts of 0 before the reply
// is full.
func (s *store) buryIn(d *store, now Time, id uint32, v *Moved) bool {
	if d != s && s.buried == 1 { // later it might remove what came just now
		d.advance(now)
	}
	if !s.onDisk() {
		s.remove(now, id)
		d.seq++
		d.arrive(now, d.seq, v)
		return true
	}
	m := s.slots.at(id)
	v.Home = m.home()
	f := d.arriving(now, v)
	p := s.logMove(KindReceive, now, m.seq, d, &f, 0, 0)
	if p == (Place{}) {
		return false
	}
	s.need(v.Home.Segment, v.Home.weight()) // it is needed while it is between the queues, too
	s.remove(now, id)
	d.seq++
	d.remark(d.slots.at(d.arrive(now, d.seq, v)), p.Segment)
	s.need(v.Home.Segment, -v.Home.weight())
	return true
}

// content is what a send fixed of m.
func (s *store) content(m *slot) Message {
	c := Message{Delay: -1}
	if !s.onDisk() {
		c.Blob, c.MD5 = append([]byte(nil), s.bodies.get(m.where)...), m.md5
	}
	if m.group != 0 {
		c.Group = string(s.groups.name(m.group))
	}
	return c
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
