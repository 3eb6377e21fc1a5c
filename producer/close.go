package producer

import "context"

// Close sends what is waiting and returns when all of it is answered; from its
// beginning on, what is sent is answered by [ErrClosed]. If ctx ends first, Close cancels
// the requests under way, answers what is left by errors that hold ErrClosed, and returns
// a [*CloseError] once the last request has ended, unless nothing was left; for middleware
// that is slow to be told it does not wait then. Further calls
// wait in the same way, and return the same.
//
// A producer that is idle holds no goroutine and no timer, so one that is not
// needed any more can be dropped without Close.
func (p *Producer) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	if p.idle == nil {
		p.idle = make(chan struct{})
	}
	p.startLocked() // nothing lingers any more
	p.mu.Unlock()
	select {
	case <-p.idle:
		return p.loss()
	case <-ctx.Done():
	}
	select {
	case <-p.idle:
		return p.loss()
	default:
	}
	p.giveUp(ctx.Err())
	<-p.idle
	return p.loss()
}

// loss is what Close returns at the end.
func (p *Producer) loss() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if lost := p.lost; lost.NotSent+lost.Unanswered+lost.Calls > 0 {
		return &lost
	}
	return nil
}

// giveUp cancels the requests under way and answers what no request has.
func (p *Producer) giveUp(why error) {
	p.mu.Lock()
	if !p.cut {
		p.cut = true
		p.lost.Queue, p.lost.Err, p.lost.Calls = p.name, why, p.calls
	}
	p.cancel()
	var failed []*Pending
	for c := p.room.first; c != nil; c = p.room.first {
		p.room.remove(c)
		c.state = outside
		p.loseLocked(c)
		c.answerLocked(Sent{}, c.undelivered(ErrClosed))
		failed = append(failed, c)
	}
	p.tellLocked(failed)
	p.failWaitingLocked(func(c *Pending) error {
		p.loseLocked(c)
		return c.undelivered(ErrClosed)
	})
	p.startLocked()
	p.mu.Unlock()
}

// loseLocked counts c among what Close has given up. p.mu must be held.
func (p *Producer) loseLocked(c *Pending) {
	if c.unsure {
		p.lost.Unanswered++
	} else {
		p.lost.NotSent++
	}
}

// failWaitingLocked answers all that waits in lines, and has it announced. p.mu must be
// held.
func (p *Producer) failWaitingLocked(why func(*Pending) error) {
	var failed []*Pending
	drain := func(l *line) {
		for c := l.first; c != nil; c = l.first {
			p.withdrawLocked(c)
			c.answerLocked(Sent{}, why(c))
			failed = append(failed, c)
		}
	}
	for p.ready.first != nil || len(p.later) > 0 {
		if p.ready.first != nil {
			drain(p.ready.first)
		} else {
			drain(p.later[0])
		}
	}
	for _, l := range p.groups { // those that are left are in requests
		drain(l)
	}
	for _, c := range failed {
		p.releaseLocked(c)
	}
	p.tellLocked(failed)
}
