package engine

// Weigh adds up what each segment of the log is needed for, from the state. (Queues
// and registry are at rest.)
func (e *Engine) Weigh() map[uint32]int64 {
	sum := map[uint32]int64{}
	add := func(segment uint32, bytes int) {
		if segment != 0 {
			sum[segment] += int64(bytes)
		}
	}
	for _, segment := range e.noted {
		add(segment, weightOfControl)
	}
	for _, q := range e.numbered {
		if q == nil {
			continue
		}
		if s, ok := q.Messages.(*store); ok && s.onDisk() {
			s.weigh(add)
			add(s.witness, weightOfWitness)
			add(s.progress, weightOfWitness)
		}
	}
	return sum
}

// weigh tells what the queue's messages and memories need, in any order.
func (s *store) weigh(add func(segment uint32, bytes int)) {
	s.cold.each(0, func(c cold) bool {
		add(c.home.Segment, c.home.weight())
		return true
	})
	s.each(func(_ uint32, m *slot) {
		add(m.where.block, m.home().weight())
		add(m.mark(), weightOfFact)
	})
	for i := range s.dedup.queue {
		add(s.dedup.queue[i].segment, weightOfDedup)
	}
	for _, x := range s.attempts.queue {
		add(x.segment, weightOfAttempt)
	}
}

// forsake ends the account of everything that a purge removes.
func (s *store) forsake() {
	if !s.onDisk() {
		return
	}
	s.weigh(func(segment uint32, bytes int) { s.need(segment, -bytes) })
}
