package engine

import "fmt"

// checkBacklog walks the messages that nobody ever received.
func (s *store) checkBacklog() (err error) {
	n, seq, sent := 0, uint64(0), Time(-1<<63)
	s.cold.each(0, func(c cold) bool {
		if c.seq <= seq || c.seq > s.seq || c.sent < sent || later(c.sent, s.set.Retention) <= s.now || c.home.Segment == 0 {
			err = fmt.Errorf("message %d of the backlog, sent %d at %+v, stands wrong behind %d at %d", c.seq, c.sent, c.home, seq, s.now)
		}
		n, seq, sent = n+1, c.seq, c.sent
		return true
	})
	for i := range s.cold.chunks {
		c := &s.cold.chunks[i]
		if c.live == 0 && (i == 0 || i == len(s.cold.chunks)-1) || i == 0 && c.entries[c.head].where == 0 {
			err = fmt.Errorf("chunk %d of the backlog has %d live messages and begins with %d", i, c.live, c.head)
		}
	}
	if err == nil && (n != s.cold.n || n > 0 && !s.onDisk()) {
		err = fmt.Errorf("%d messages in the backlog, %d counted", s.cold.n, n)
	}
	return err
}

func (s *store) checkHeaps() error {
	for name, h := range map[string]*heap{"deadlines": &s.due, "strays": &s.ages.strays,
		"quiet": &s.quiet, "noisy": &s.noisy, "cooling": &s.cooling, "ready": &s.ready} {
		if !h.valid() {
			return fmt.Errorf("the heap of %s is out of order", name)
		}
	}
	for _, e := range s.due.e {
		if s.slots.at(e.id).due != e.key {
			return fmt.Errorf("deadline %d of message %d filed as %d", s.slots.at(e.id).due, s.slots.at(e.id).seq, e.key)
		}
	}
	for _, e := range s.quiet.e {
		if seq := s.slots.at(s.groups.tenant(e.id).pile.min(&s.slots)).seq; int64(seq) != e.key {
			return fmt.Errorf("tenant %d is filed under message %d, its oldest is %d", e.id, e.key, seq)
		}
	}
	for _, e := range s.noisy.e {
		if n := s.groups.tenant(e.id).inFlight; int64(n) != e.key {
			return fmt.Errorf("tenant %d is filed under %d in flight, it has %d", e.id, e.key, n)
		}
	}
	for _, e := range s.ready.e {
		if due := s.slots.at(s.groups.at(e.id).head).due; due != e.key {
			return fmt.Errorf("group %d is filed under %d, its head became visible at %d", e.id, e.key, due)
		}
	}
	return nil
}
