package engine

func (s *store) Receive(now Time, r Receive, dead Messages, out *Batch) bool {
	d, _ := dead.(*store)
	if d != nil {
		now = max(now, d.now) // one instant for both
	}
	now = s.advance(now)
	start := len(out.Deliveries)
	s.taken, s.buried = s.taken[:0], 0
	due := later(now, r.Visibility)
	if r.Attempt != "" && s.repeat(now, r, out) {
		s.logFacts(KindReceive, now, "", s.taken)
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
	if d != nil && d != s && s.buried > 0 {
		d.advance(now) // what came may be past the retention there
	}
	told := s.logFacts(KindReceive, now, r.Attempt, s.taken)
	if r.Attempt != "" && len(got) > 0 {
		taken := make([]Handle, len(got))
		for i := range got {
			taken[i] = got[i].Handle
		}
		s.attempts.add(now, r.Attempt, taken, told.Segment, s.need)
	}
	return false
}

func (s *store) receiveFair(now, due Time, n int, dead Messages, out *Batch) {
	for n > 0 {
		id := s.fairest()
		if id == 0 {
			return
		}
		if dead != nil && s.isSpent(s.slots.at(id)) {
			if !s.bury(now, id, dead) {
				return
			}
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
			if !s.bury(now, id, dead) {
				return
			}
			continue // the group stands where its next message says
		}
		for id != 0 && n > 0 && s.slots.at(id).state == visible {
			next := s.slots.at(id).wait.next
			if dead != nil && s.isSpent(s.slots.at(id)) {
				if !s.bury(now, id, dead) {
					n = 0 // that ends the call
					break
				}
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
	if s.onDisk() {
		s.taken = append(s.taken, id)
	}
	s.deliver(m, Handle{s.number, id, m.seq, m.receives, now}, out)
}

// deliver appends message m as it stands.
func (s *store) deliver(m *slot, h Handle, out *Batch) {
	out.Deliveries = append(out.Deliveries, Delivery{
		Handle: h, Origin: Origin{s.number, m.seq},
		Sent: m.sent, First: m.firstReceive(), Receives: m.receives,
	})
	if d := &out.Deliveries[len(out.Deliveries)-1]; s.onDisk() {
		d.Home = m.home()
	} else {
		d.MD5, d.Blob = m.md5, out.keep(s.bodies.get(m.where))
	}
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

// repeat answers a known ReceiveRequestAttemptId.
func (s *store) repeat(now Time, r Receive, out *Batch) bool {
	x := s.standing(r.Attempt)
	if x == nil {
		return false
	}
	for _, h := range x.taken {
		id, _ := s.locate(h)
		s.again(now, id, later(now, r.Visibility))
		if s.onDisk() {
			s.taken = append(s.taken, id)
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
