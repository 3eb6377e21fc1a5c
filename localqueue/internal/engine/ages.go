package engine

// ages knows the message sent longest ago, for retention. Messages that arrive
// in the order of their send times lie in a list; strays, which a redrive policy
// brought late, in a heap by send time.
type ages struct {
	slots      *slots
	head, tail uint32
	strays     heap
}

func (g *ages) init(t *slots) {
	*g = ages{slots: t}
	g.strays.at = func(id uint32) *uint32 { return &g.slots.at(id).age.prev }
}

func (g *ages) add(id uint32) {
	s := g.slots.at(id)
	if g.tail != 0 && s.sent < g.slots.at(g.tail).sent {
		s.flags |= flagStray
		g.strays.set(id, s.sent)
		return
	}
	s.age.prev = g.tail
	if g.tail == 0 {
		g.head = id
	} else {
		g.slots.at(g.tail).age.next = id
	}
	g.tail = id
}

func (g *ages) remove(id uint32) {
	s := g.slots.at(id)
	if s.flags&flagStray != 0 {
		g.strays.drop(id)
		return
	}
	if s.age.prev == 0 {
		g.head = s.age.next
	} else {
		g.slots.at(s.age.prev).age.next = s.age.next
	}
	if s.age.next == 0 {
		g.tail = s.age.prev
	} else {
		g.slots.at(s.age.next).age.prev = s.age.prev
	}
}

// oldest is the message sent longest ago and when; 0 and Never if there is none.
func (g *ages) oldest() (uint32, Time) {
	id, sent := g.head, Never
	if id != 0 {
		sent = g.slots.at(id).sent
	}
	if g.strays.next() < sent {
		sent, id = g.strays.top()
	}
	return id, sent
}
