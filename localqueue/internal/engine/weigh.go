package engine

// Weigh adds up what each segment of the log is needed for, from the state. (Queues
// and registry are at rest.)
func (e *Engine) Weigh() map[uint32]int64 {
	sum := map[uint32]int64{}
	last, inLast := uint32(0), int64(0) // most messages stand where the one before does
	add := func(segment uint32, bytes int) {
		if segment != last {
			sum[last] += inLast
			last, inLast = segment, 0
		}
		inLast += int64(bytes)
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
	sum[last] += inLast
	delete(sum, 0) // which is no segment
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
	s.dedup.queue.each(func(e *dedupEntry) { add(e.segment, weightOfDedup) })
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
