package engine

import "fmt"

// Check walks the whole state. doc.go lists the invariants.
func (s *store) Check() error {
	for _, f := range []func() error{s.checkMessages, s.checkLists, s.checkGroups, s.checkWindow, s.checkHeaps, s.checkMemory, s.checkMemories} {
		if err := f(); err != nil {
			return fmt.Errorf("queue %d: %w", s.number, err)
		}
	}
	return nil
}

// checkMessages compares every count with a recount.
func (s *store) checkMessages() (err error) {
	var c Counts
	var live, spent, moved int
	s.each(func(id uint32, m *slot) {
		live++
		switch m.state {
		case visible:
			c.Visible++
		case delayed:
			c.Delayed++
		case inFlight:
			c.InFlight++
		}
		if s.isSpent(m) {
			spent++
		}
		if m.flags&flagMoved != 0 {
			moved++
			if _, ok := s.moved[m.seq]; !ok {
				err = fmt.Errorf("message %d lost its arrival", m.seq)
			}
		}
		if m.state != visible && (m.due <= s.now || m.pos == 0) {
			err = fmt.Errorf("message %d is due at %d but still hidden at %d", m.seq, m.due, s.now)
		}
		if m.seq > s.seq || later(m.sent, s.set.Retention) <= s.now {
			err = fmt.Errorf("message %d of %d, sent %d, should not be here at %d", m.seq, s.seq, m.sent, s.now)
		}
	})
	c.Visible += s.cold.n
	if err == nil {
		err = s.checkBacklog()
	}
	switch {
	case err != nil:
		return err
	case c != s.counts:
		return fmt.Errorf("counts %+v, recounted %+v", s.counts, c)
	case live != s.slots.live:
		return fmt.Errorf("%d slots live, %d counted", live, s.slots.live)
	case spent != s.spent:
		return fmt.Errorf("%d messages spent, %d counted", spent, s.spent)
	case moved != len(s.moved):
		return fmt.Errorf("%d moved messages, %d arrivals", moved, len(s.moved))
	case s.due.len() != c.Delayed+c.InFlight:
		return fmt.Errorf("%d deadlines for %d hidden messages", s.due.len(), c.Delayed+c.InFlight)
	}
	return nil
}

// checkLists follows the order of age and, on standard queues, the piles.
func (s *store) checkLists() error {
	n, sent, tail := 0, Time(-1<<63), uint32(0)
	for id := s.ages.head; id != 0; id = s.slots.at(id).age.next {
		tail = id
		m := s.slots.at(id)
		if m.sent < sent || m.flags&flagStray != 0 {
			return fmt.Errorf("message %d stands wrong in the order of age", m.seq)
		}
		n, sent = n+1, m.sent
	}
	if tail != s.ages.tail || s.set.FIFO && s.ages.strays.len() > 0 {
		return fmt.Errorf("the order of age ends in slot %d, not %d, with %d strays", tail, s.ages.tail, s.ages.strays.len())
	}
	if n+s.ages.strays.len() != s.slots.live {
		return fmt.Errorf("%d messages in order of age, %d strays, %d live", n, s.ages.strays.len(), s.slots.live)
	}
	if s.set.FIFO {
		return nil
	}
	piled, err := s.checkPile(&s.loose, 0)
	for id := 1; id < len(s.groups.tenants) && err == nil; id++ {
		var n int
		n, err = s.checkPile(&s.groups.tenants[id].pile, uint32(id))
		piled += n
	}
	if err == nil && piled+s.cold.n != s.counts.Visible {
		err = fmt.Errorf("%d messages in piles, %d in the backlog, %d visible", piled, s.cold.n, s.counts.Visible)
	}
	return err
}

func (s *store) checkPile(p *pile, gid uint32) (n int, err error) {
	var last uint64
	visit := func(id uint32, returned bool) {
		m := s.slots.at(id)
		if m.state != visible || m.group != gid || (m.flags&flagReturned != 0) != returned {
			err = fmt.Errorf("message %d does not belong in the pile of group %d", m.seq, gid)
		}
		n++
	}
	for id := p.head; id != 0; id = s.slots.at(id).wait.next {
		visit(id, false)
		if seq := s.slots.at(id).seq; seq <= last {
			return n, fmt.Errorf("message %d after %d", seq, last)
		} else {
			last = seq
		}
	}
	var walk func(id, from uint32)
	walk = func(id, from uint32) {
		for prev := from; id != 0; prev, id = id, s.slots.at(id).wait.next {
			m := s.slots.at(id)
			if m.pos != prev || from != 0 && m.seq < s.slots.at(from).seq {
				err = fmt.Errorf("message %d stands wrong in its pile", m.seq)
			}
			visit(id, true)
			walk(m.wait.prev, id)
		}
	}
	walk(p.root, 0)
	return n, err
}

// checkGroups recounts what each group says of itself.
func (s *store) checkGroups() error {
	type tally struct{ messages, waiting, inFlight int32 }
	count := make([]tally, len(s.groups.all))
	s.each(func(id uint32, m *slot) {
		t := &count[m.group]
		t.messages++
		if m.state == inFlight {
			t.inFlight++
		} else {
			t.waiting++
		}
	})
	for id := range s.groups.all {
		g, t := &s.groups.all[id], count[id]
		if id == 0 {
			continue
		}
		if g.messages != t.messages {
			return fmt.Errorf("group %d counts %d messages, recounted %d", id, g.messages, t.messages)
		}
		if !s.set.FIFO && (s.groups.tenants[id].inFlight != t.inFlight || s.groups.tenants[id].waiting != t.waiting) {
			return fmt.Errorf("tenant %d counts %+v, recounted %+v", id, s.groups.tenants[id], t)
		}
		if t.messages > 0 && s.groups.find(string(s.groups.name(uint32(id)))) != uint32(id) {
			return fmt.Errorf("group %d is not found by its name", id)
		}
		if err := s.checkGroup(uint32(id), g); err != nil {
			return err
		}
	}
	return nil
}

func (s *store) checkGroup(id uint32, g *group) error {
	if !s.set.FIFO {
		t := s.groups.tenant(id)
		best := t.pile.min(&s.slots)
		if t.share.since > s.now || (g.messages == 0 && g.name != (ref{}) || t.noisy) && !s.cooling.has(id) && g.hash != 0 {
			return fmt.Errorf("tenant %d: noisy %v, %d messages, booked to %d at %d, but not waiting for its time", id, t.noisy, g.messages, t.share.since, s.now)
		}
		if (best != 0 && !t.noisy) != s.quiet.has(id) || (best != 0 && t.noisy) != s.noisy.has(id) || t.noisy && t.waiting == 0 {
			return fmt.Errorf("tenant %d: noisy %v, waiting %d, among the quiet %v, the noisy %v", id, t.noisy, t.waiting, s.quiet.has(id), s.noisy.has(id))
		}
		return nil
	}
	n, last := int32(0), uint64(0)
	for m := g.head; m != 0; m = s.slots.at(m).wait.next {
		x := s.slots.at(m)
		if x.group != id || x.seq <= last {
			return fmt.Errorf("message %d stands wrong in group %d", x.seq, id)
		}
		n, last = n+1, x.seq
	}
	if n != g.messages {
		return fmt.Errorf("group %d lists %d of %d messages", id, n, g.messages)
	}
	if ready := n > 0 && s.slots.at(g.head).state == visible && s.slots.at(g.head).seq <= s.window.last; ready != s.ready.has(id) {
		return fmt.Errorf("group %d: head visible %v, among the ready ones %v", id, ready, s.ready.has(id))
	}
	return nil
}

// checkWindow recounts the messages inside.
func (s *store) checkWindow() error {
	n, edge := 0, uint32(0)
	for id := s.ages.head; id != 0 && s.slots.at(id).seq <= s.window.last; id = s.slots.at(id).age.next {
		n, edge = n+1, id
	}
	if w := s.window; s.set.FIFO && (n != w.n || edge != w.edge || s.set.Window > 0 && n < min(s.set.Window, s.slots.live)) {
		return fmt.Errorf("window %+v, recounted %d up to slot %d", w, n, edge)
	}
	return nil
}
