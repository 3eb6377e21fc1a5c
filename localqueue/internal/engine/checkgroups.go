package engine

import "fmt"

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
		if t.messages > 0 && !s.groups.has(uint32(id)) {
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
