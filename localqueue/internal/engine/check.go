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
