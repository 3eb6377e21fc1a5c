package producer

import "context"

// Close sends what is waiting and returns when all of it is answered; from its
// beginning on, what is sent is answered by [ErrClosed]. If ctx ends first, Close cancels
// the requests under way, answers what is left by errors that hold ErrClosed, and returns
// a [*CloseError] once the last request has ended, unless nothing was left. Further calls
// wait in the same way.
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
		return nil
	case <-ctx.Done():
	}
	select {
	case <-p.idle:
		return nil
	default:
	}
	p.giveUp()
	<-p.idle
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lost.NotSent+p.lost.Unanswered == 0 {
		return nil
	}
	lost := p.lost
	lost.Queue, lost.Err = p.name, ctx.Err()
	return &lost
}

// giveUp cancels the requests under way and answers what no request has.
func (p *Producer) giveUp() {
	p.mu.Lock()
	p.cut = true
	p.cancel()
	var failed []*Pending
	for c := p.room.first; c != nil; c = p.room.first {
		p.room.remove(c)
		c.state = outside
		p.loseLocked(c)
		c.answerLocked(Sent{}, c.undelivered(ErrClosed))
		failed = append(failed, c)
	}
	failed = append(failed, p.failWaitingLocked(func(c *Pending) error {
		p.loseLocked(c)
		return c.undelivered(ErrClosed)
	})...)
	p.startLocked()
	p.mu.Unlock()
	for _, c := range failed {
		c.announce()
	}
}

// loseLocked counts c among what Close has given up. p.mu must be held.
func (p *Producer) loseLocked(c *Pending) {
	if c.unsure {
		p.lost.Unanswered++
	} else {
		p.lost.NotSent++
	}
}

// failWaitingLocked answers all that waits in lines, and returns it, to be announced.
// p.mu must be held.
func (p *Producer) failWaitingLocked(why func(*Pending) error) (failed []*Pending) {
	drain := func(l *line) {
		for c := l.first; c != nil; c = l.first {
			p.leaveLocked(c)
			c.answerLocked(Sent{}, why(c))
			failed = append(failed, c)
		}
	}
	for _, l := range p.ready {
		drain(l)
	}
	for _, l := range p.later {
		drain(l)
	}
	for _, l := range p.groups {
		drain(l)
	}
	for _, c := range failed {
		p.releaseLocked(c)
	}
	return failed
}
