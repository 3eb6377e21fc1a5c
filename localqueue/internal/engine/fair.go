package engine

// Fairness between the tenants of a standard queue (doc.go, "Fair queues").

// share is a tenant's, or the whole queue's, recent use of the consumers: busy
// time (messages in flight times nanoseconds) and receives, in the current
// window and the one before.
type share struct {
	since            Time // busy time is booked up to here
	window           int64
	busy, busyBefore int64
	got, gotBefore   int
}

func (s *share) roll(now Time) {
	w := now / int64(ShareWindow)
	if w == s.window {
		return
	}
	if w == s.window+1 {
		s.busyBefore, s.gotBefore = s.busy, s.got
	} else {
		s.busyBefore, s.gotBefore = 0, 0
	}
	s.window, s.busy, s.got = w, 0, 0
}

// book counts the time since the last booking, during which n were in flight.
func (s *share) book(now Time, n int) {
	s.roll(now)
	s.busy += int64(n) * (now - s.since)
	s.since = now
}

func (s *share) recent() int64  { return s.busy + s.busyBefore }
func (s *share) recentGot() int { return s.got + s.gotBefore }

// enterFlight and leaveFlight keep the books as a message of tenant id (0:
// none) is received and as it stops being in flight.
func (s *store) enterFlight(now Time, id uint32) {
	if s.set.FIFO {
		s.counts.InFlight++
		return
	}
	s.share.book(now, s.counts.InFlight)
	s.counts.InFlight++
	if id == 0 {
		return
	}
	g := s.groups.tenant(id)
	g.share.book(now, int(g.inFlight))
	g.inFlight++
}

func (s *store) leaveFlight(now Time, id uint32) {
	if s.set.FIFO {
		s.counts.InFlight--
		return
	}
	s.share.book(now, s.counts.InFlight)
	s.counts.InFlight--
	if id == 0 {
		return
	}
	g := s.groups.tenant(id)
	g.share.book(now, int(g.inFlight))
	g.inFlight--
}

// judge decides whether tenant id, of which a message was just received, is noisy.
func (s *store) judge(now Time, id uint32) {
	if id == 0 {
		return
	}
	g := s.groups.tenant(id)
	g.share.got++
	if g.noisy || g.waiting == 0 || g.lastSend+int64(QuietAfter) <= now {
		return
	}
	crowd := g.inFlight >= NoisyFloor && 10*int(g.inFlight) > s.counts.InFlight
	hog := g.share.recentGot() >= NoisyFloor && g.share.recent() > s.share.recent()/10
	if crowd || hog {
		s.quiet.drop(id)
		g.noisy = true
		s.cooling.set(id, g.lastSend+int64(QuietAfter))
	}
}

// rank puts tenant id where its visible messages and its state say.
func (s *store) rank(id uint32) {
	if id == 0 {
		return
	}
	g := s.groups.tenant(id)
	if g.noisy && g.waiting == 0 {
		s.hush(id)
	}
	switch best := g.pile.min(&s.slots); {
	case best == 0 && g.noisy:
		s.noisy.drop(id)
	case best == 0:
		s.quiet.drop(id)
	case g.noisy:
		s.noisy.set(id, int64(g.inFlight))
	default:
		s.quiet.set(id, int64(s.slots.at(best).seq))
	}
	if s.groups.at(id).messages == 0 {
		s.cooling.set(id, (g.share.window+2)*int64(ShareWindow))
	}
}

// hush makes a noisy tenant a quiet one; rank it afterwards.
func (s *store) hush(id uint32) {
	s.noisy.drop(id)
	s.cooling.drop(id)
	s.groups.tenant(id).noisy = false
}

// cool makes quiet the tenants that sent nothing for long, and forgets those
// that have neither messages nor a recent past.
func (s *store) cool(now Time) {
	for s.cooling.next() <= now {
		_, id := s.cooling.top()
		g := s.groups.tenant(id)
		switch {
		case s.groups.at(id).messages == 0:
			s.cooling.drop(id)
			s.groups.drop(id)
		case !g.noisy:
			s.cooling.drop(id)
		case g.lastSend+int64(QuietAfter) <= now:
			s.hush(id)
			s.rank(id)
		default:
			s.cooling.set(id, g.lastSend+int64(QuietAfter))
		}
	}
}

// fairest is the message that a receive hands out next on a standard queue, 0: none.
func (s *store) fairest() uint32 {
	best := s.loose.min(&s.slots)
	if s.cold.n > 0 && (best == 0 || s.cold.first().seq < s.slots.at(best).seq) {
		return s.fairestWith(s.cold.first().seq)
	}
	if len(s.groups.all) == 1 {
		return best
	}
	if s.quiet.len() > 0 {
		if seq, id := s.quiet.top(); best == 0 || uint64(seq) < s.slots.at(best).seq {
			return s.groups.tenant(id).pile.min(&s.slots)
		}
	}
	if best == 0 && s.noisy.len() > 0 {
		_, id := s.noisy.top()
		return s.groups.tenant(id).pile.min(&s.slots)
	}
	return best
}

// fairestWith is fairest where the oldest message without a tenant is seq, of the
// backlog. It gets its slot if it is the one.
func (s *store) fairestWith(seq uint64) uint32 {
	if s.quiet.len() > 0 {
		if first, id := s.quiet.top(); uint64(first) < seq {
			return s.groups.tenant(id).pile.min(&s.slots)
		}
	}
	return s.thaw()
}
