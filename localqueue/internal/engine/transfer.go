package engine

// Transfer moves the message that from would hand out next to the end of to,
// as a new message, for a move task: one record. The callers hold both locks.
// The queues are of the same kind and may be one. False: nothing to move.
func Transfer(now Time, from, to Messages) bool {
	a, fast := from.(*store)
	b, ok := to.(*store)
	if !fast || !ok {
		return transferSlowly(now, from, to)
	}
	now = max(now, a.now, b.now) // one instant for both, in this order, as replay has it
	a.advance(now)
	b.advance(now)
	id := a.upNext()
	if id == 0 {
		return false
	}
	seq := a.slots.at(id).seq
	m := a.extract(now, id)
	b.seq++
	due := later(now, b.set.Delay)
	if a.log != nil {
		a.log(appendTransfer(nil, a.number, now, seq, b.number, b.seq, due))
	}
	b.accept(now, b.seq, &m, due)
	return true
}

// transferSlowly is Transfer through the interface.
func transferSlowly(now Time, from, to Messages) bool {
	var b Batch
	if !from.Take(now, &b) {
		return false
	}
	d := &b.Deliveries[0]
	to.Send(now, &Message{Blob: d.Blob, MD5: d.MD5, Group: string(d.Group), Delay: -1})
	return true
}

// extract removes a message and returns what a send would have fixed of it.
func (s *store) extract(now Time, id uint32) Message {
	x := s.slots.at(id)
	m := Message{Blob: append([]byte(nil), s.bodies.get(x.where)...), MD5: x.md5, Delay: -1}
	if x.group != 0 {
		m.Group = string(s.groups.name(x.group))
	}
	s.remove(now, id)
	return m
}
