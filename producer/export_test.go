package producer

// Check says what Send would refuse about m without a request.
func (p *Producer) Check(m Message) error {
	m.addType()
	return m.check(p.fifo)
}

// Idle reports whether p holds nothing: no message, no goroutine, no timer.
func (p *Producer) Idle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pending == 0 && p.bytes == 0 && p.senders == 0 && p.armed.IsZero() && p.room.n == 0 &&
		p.count == 0 && p.size == 0 && len(p.groups) == 0 && p.ready.first == nil && len(p.later) == 0
}

// Groups returns how many groups p knows.
func (p *Producer) Groups() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.groups)
}
