package engine

// advance brings the state to now, in order of time.
func (s *store) advance(now Time) Time {
	if now < s.now {
		now = s.now
	}
	before := s.now
	s.now = now
	for {
		sent, end := s.oldest(), Never
		if sent != Never {
			end = sent + int64(s.set.Retention)
		}
		switch due := s.due.next(); {
		case end > now && due > now:
			if s.set.FIFO {
				s.forget(now)
			} else if s.cooling.next() <= now {
				s.cool(now)
			}
			s.shrink()
			if len(s.expired) > 0 {
				s.logExpired(now)
			}
			return now
		case end <= due:
			s.expire(max(end, before)) // a retention made shorter ends in the past
			if len(s.expired) == mostTold {
				s.logExpired(now)
			}
		default:
			_, id := s.due.top()
			s.ripen(due, id)
		}
	}
}

// expire removes the message sent longest ago.
func (s *store) expire(at Time) {
	id, sent := s.ages.oldest()
	if s.cold.n > 0 && s.cold.first().sent < sent {
		c := s.cold.pop()
		s.counts.Visible--
		s.need(c.home.Segment, -c.home.weight())
		s.expired = append(s.expired, tomb{c.seq, c.home.Segment})
		return
	}
	if s.onDisk() {
		m := s.slots.at(id)
		s.expired = append(s.expired, tomb{m.seq, m.where.block})
	}
	s.remove(at, id)
}

// logExpired writes what time removed, since a longer retention must not bring it
// back. What the log refuses waits for the next time; recovery writes nothing.
func (s *store) logExpired(now Time) {
	if s.replaying != nil {
		return
	}
	done := 0
	for done < min(len(s.expired), mostToldAtOnce) {
		n := min(len(s.expired)-done, mostTold)
		if !s.logGone(KindExpire, now, s.expired[done:done+n]...) {
			break
		}
		done += n
	}
	s.expired = s.expired[done:]
	if len(s.expired) == 0 && cap(s.expired) > mostTold {
		s.expired = nil
	}
}

// manySlots is how many slots, or groups, an empty queue may keep.
const manySlots = 1 << 14

// shrink gives the memory of a backlog that is gone back.
func (s *store) shrink() {
	if s.slots.live == 0 && s.slots.used > manySlots {
		s.slots, s.due.e = slots{}, nil
	}
	if len(s.groups.all) > manySlots && s.groups.live == 0 {
		s.groups.init()
		for _, h := range []*heap{&s.quiet, &s.noisy, &s.cooling, &s.ready} {
			h.e, h.pos = nil, nil
		}
	}
}

// forget drops what FIFO queues remember for a while only.
func (s *store) forget(now Time) {
	s.dedup.expire(now, func(segment uint32) { s.need(segment, -weightOfDedup) })
	s.attempts.expire(now, func(segment uint32) { s.need(segment, -weightOfAttempt) })
	if s.scopeAt <= now {
		s.scopeAt = Never
		s.dedup.scope(s.set.GroupScope)
	}
}
