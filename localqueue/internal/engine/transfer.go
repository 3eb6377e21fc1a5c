package engine

// transfer moves the message that from would hand out next to the end of to, as
// a new message, for a move task of from that has moved so many before: one
// record. The callers hold both locks. The queues are of the same kind and may be
// one. False: nothing moved, since there is nothing or the log refused.
func transfer(now Time, from, to Messages, task uint64, moved int) bool {
	a, fast := from.(*store)
	b, ok := to.(*store)
	if !fast || !ok {
		return transferSlowly(now, from, to)
	}
	now = max(now, a.now, b.now) // one instant for both, in this order
	a.advance(now)
	b.advance(now)
	id := a.upNext()
	if id == 0 {
		return false
	}
	m := a.slots.at(id)
	seq, c := m.seq, a.content(m)
	if !a.onDisk() {
		a.remove(now, id)
		b.seq++
		b.accept(now, b.seq, &c, later(now, b.set.Delay), Place{})
		return true
	}
	home := m.home()
	f := fact{seq: b.seq + 1, flags: flagAway, due: later(now, b.set.Delay), home: home, sent: now, group: []byte(c.Group)}
	p := a.logMove(KindMove, now, seq, b, &f, task, moved+1)
	if p == (Place{}) {
		return false
	}
	a.need(home.Segment, home.weight()) // it is needed while it is between the queues, too
	a.remove(now, id)
	b.seq++
	x := b.slots.at(b.place(now, b.seq, &c, now, f.due, home))
	x.flags |= flagAway
	b.remark(x, p.Segment)
	b.sentTo(now, x.group)
	a.need(home.Segment, -home.weight())
	return true
}

// transferSlowly is transfer through the interface.
func transferSlowly(now Time, from, to Messages) bool {
	var b Batch
	if !from.Take(now, &b) {
		return false
	}
	d := &b.Deliveries[0]
	to.Send(now, &Message{Blob: d.Blob, MD5: d.MD5, Group: string(d.Group), Delay: -1})
	return true
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

func (s *store) First(now Time) (Handle, bool) {
	now = s.advance(now)
	id := s.upNext()
	if id == 0 {
		return Handle{}, false
	}
	m := s.slots.at(id)
	return Handle{s.number, id, m.seq, m.receives, now}, true
}
