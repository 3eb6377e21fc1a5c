package engine

// trailStep is one thing a receive did to one message, for its record.
type trailStep struct {
	kind uint8
	seq  uint64 // of the message
	to   uint64 // stepMoved: its number in the dead-letter queue
}

const (
	stepReceived = iota
	stepMoved
	stepRepeated
)

func (s *store) Receive(now Time, r Receive, dead Messages, out *Batch) bool {
	if d, ok := dead.(*store); ok {
		now = max(now, d.now) // one instant for both
	}
	now = s.advance(now)
	start := len(out.Deliveries)
	s.trail = s.trail[:0]
	due := later(now, r.Visibility)
	if r.Attempt != "" && s.repeat(now, r, out) {
		s.logReceive(now, due, r, nil)
		return false
	}
	room := s.set.MaxInFlight - s.counts.InFlight
	if s.set.FIFO {
		s.receiveGroups(now, due, min(r.Max, room), dead, out)
	} else {
		if room <= 0 {
			return s.counts.Visible > 0
		}
		s.receiveFair(now, due, min(r.Max, room), dead, out)
	}
	got := out.Deliveries[start:]
	if r.Visibility == 0 {
		for i := range got {
			s.ripen(now, got[i].Handle.Slot)
		}
	}
	if r.Attempt != "" && len(got) > 0 {
		taken := make([]Handle, len(got))
		for i := range got {
			taken[i] = got[i].Handle
		}
		s.attempts.add(now, r.Attempt, taken)
	}
	s.logReceive(now, due, r, dead)
	return false
}

func (s *store) receiveFair(now, due Time, n int, dead Messages, out *Batch) {
	for n > 0 {
		id := s.fairest()
		if id == 0 {
			return
		}
		if dead != nil && s.isSpent(s.slots.at(id)) {
			s.bury(now, id, dead)
			continue
		}
		s.hand(now, id, due, out)
		n--
	}
}

func (s *store) receiveGroups(now, due Time, n int, dead Messages, out *Batch) {
	for n > 0 && s.ready.len() > 0 {
		_, gid := s.ready.top()
		id := s.groups.at(gid).head
		if dead != nil && s.isSpent(s.slots.at(id)) {
			s.bury(now, id, dead) // the group stands where its next message says
			continue
		}
		for id != 0 && n > 0 && s.slots.at(id).state == visible {
			next := s.slots.at(id).wait.next
			if dead != nil && s.isSpent(s.slots.at(id)) {
				s.bury(now, id, dead)
				if next == 0 { // one that is its own dead-letter queue got it back at the end
					next = s.groups.at(gid).tail
					if s.slots.at(next).state != visible {
						next = 0
					}
				}
			} else {
				s.hand(now, id, due, out)
				n--
			}
			id = next
		}
		s.refresh(gid)
	}
}

// hand puts a message in flight and appends it to the reply.
func (s *store) hand(now Time, id uint32, due Time, out *Batch) {
	m := s.slots.at(id)
	s.receive(now, id, m, due)
	if s.log != nil {
		s.trail = append(s.trail, trailStep{stepReceived, m.seq, 0})
	}
	s.deliver(m, Handle{s.number, id, m.seq, m.receives, now}, out)
}

// deliver appends message m as it stands.
func (s *store) deliver(m *slot, h Handle, out *Batch) {
	out.Deliveries = append(out.Deliveries, Delivery{
		Handle: h, Origin: Origin{s.number, m.seq},
		Sent: m.sent, First: m.firstReceive(), Receives: m.receives, MD5: m.md5,
		Blob: out.keep(s.bodies.get(m.where)),
	})
	if m.flags&flagMoved != 0 {
		a, d := s.moved[m.seq], &out.Deliveries[len(out.Deliveries)-1]
		d.Origin, d.Source, d.First = a.origin, a.source, s.first(m)
	}
}

// first is when a message was first received; 0: never.
func (s *store) first(m *slot) Time {
	if m.flags&flagMoved != 0 {
		if at := s.moved[m.seq].first; at != 0 {
			return at
		}
	}
	return m.firstReceive()
}

// bury moves a message to the dead-letter queue.
func (s *store) bury(now Time, id uint32, dead Messages) {
	m := s.slots.at(id)
	v := Moved{
		Message: Message{Blob: append([]byte(nil), s.bodies.get(m.where)...), MD5: m.md5},
		Origin:  Origin{s.number, m.seq}, Source: s.number,
		Sent: m.sent, First: s.first(m), Receives: m.receives,
	}
	if m.flags&flagMoved != 0 {
		v.Origin = s.moved[m.seq].origin
	}
	if m.group != 0 {
		v.Group = string(s.groups.name(m.group))
	}
	seq := m.seq
	s.remove(now, id)
	var to uint64
	if dead == Messages(s) { // not through Arrive, which would end timeouts of 0 before the reply is full
		s.seq++
		to = s.seq
		s.arrive(now, to, &v)
	} else {
		to = dead.Arrive(now, &v)
	}
	if s.log != nil {
		s.trail = append(s.trail, trailStep{stepMoved, seq, to})
	}
}

// repeat answers a known ReceiveRequestAttemptId.
func (s *store) repeat(now Time, r Receive, out *Batch) bool {
	x := s.standing(r.Attempt)
	if x == nil {
		return false
	}
	for _, h := range x.taken {
		id, _ := s.locate(h)
		s.again(now, id, later(now, r.Visibility))
		if s.log != nil {
			s.trail = append(s.trail, trailStep{stepRepeated, h.Seq, 0})
		}
		h.Slot = id
		s.deliver(s.slots.at(id), h, out)
	}
	return true
}

// again restarts the visibility timeout of a message handed out once more.
func (s *store) again(now Time, id uint32, due Time) {
	changed := s.slots.at(id).flags & flagChanged
	s.change(now, id, due)
	m := s.slots.at(id)
	m.flags = m.flags&^flagChanged | changed
	if due <= now {
		m.due = now
		s.refresh(m.group)
	}
}

func (s *store) Take(now Time, out *Batch) bool {
	now = s.advance(now)
	id := s.upNext()
	if id == 0 {
		return false
	}
	m := s.slots.at(id)
	s.deliver(m, Handle{Queue: s.number, Slot: id, Seq: m.seq}, out)
	if m.group != 0 {
		out.Deliveries[len(out.Deliveries)-1].Group = out.keep(s.groups.name(m.group))
	}
	s.remove(now, id)
	return true
}

// upNext is the message a receive would hand out first, 0 if there is none.
func (s *store) upNext() uint32 {
	if !s.set.FIFO {
		return s.fairest()
	}
	if s.ready.len() == 0 {
		return 0
	}
	_, gid := s.ready.top()
	return s.groups.at(gid).head
}

func (s *store) Peek(now Time) (source uint32, ok bool) {
	s.advance(now)
	id := s.upNext()
	if id == 0 {
		return 0, false
	}
	if m := s.slots.at(id); m.flags&flagMoved != 0 {
		source = s.moved[m.seq].source
	}
	return source, true
}
