package engine

// advance brings the state to now, in order of time.
func (s *store) advance(now Time) Time {
	if now < s.now {
		now = s.now
	}
	before := s.now
	s.now = now
	for {
		oldest, sent := s.ages.oldest()
		end := Never
		if oldest != 0 {
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
			return now
		case end <= due:
			s.remove(max(end, before), oldest) // a retention made shorter ends in the past
		default:
			_, id := s.due.top()
			s.ripen(due, id)
		}
	}
}

// manySlots is how many slots, or groups, an empty queue may keep.
const manySlots = 1 << 14

// shrink gives the memory of a backlog that is gone back.
func (s *store) shrink() {
	if s.slots.live == 0 && s.slots.used > manySlots {
		s.slots, s.due.e = slots{}, nil
	}
	if len(s.groups.all) > manySlots && len(s.groups.index) == 0 {
		s.groups.init()
		for _, h := range []*heap{&s.quiet, &s.noisy, &s.cooling, &s.ready} {
			h.e, h.pos = nil, nil
		}
	}
}

// forget drops what FIFO queues remember for a while only.
func (s *store) forget(now Time) {
	s.dedup.expire(now)
	s.attempts.expire(now)
	if s.scopeAt <= now {
		s.scopeAt = Never
		s.dedup.scope(s.set.GroupScope)
	}
}
