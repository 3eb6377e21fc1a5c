package producer

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/quayside-go/quayside/internal/attr"
)

// retryWindow is for how long a message of a FIFO queue may be tried again that may be
// stored already. The queue knows it again for 5 minutes, less a request and the wait for
// it.
const retryWindow = 4 * time.Minute

// sender makes the request for batch, and then others while there is something to send.
func (p *Producer) sender(batch []*Pending) {
	for len(batch) > 0 {
		begun := p.begun()
		os, err := p.transmit(p.base, batch)
		p.settle(batch, &os, err, begun)
		clear(batch)
		batch = p.next(batch[:0])
	}
}

// begun is the time, where it matters when a request began.
func (p *Producer) begun() (now time.Time) {
	if p.fifo {
		now = time.Now()
	}
	return now
}

// solo makes the request for c alone, in the goroutine of Send: with nobody else there, a
// second one would only cost time. The request ends with ctx. If the client or the hook
// panics, whoever called Send may recover, so the producer must be whole.
func (p *Producer) solo(ctx context.Context, c *Pending) {
	batch := [1]*Pending{c}
	begun := p.begun()
	os, err := [maxBatch]outcome{{err: errPanicked, unsure: true}}, error(nil)
	defer func() {
		p.settle(batch[:], &os, err, begun)
		p.mu.Lock()
		p.senders--
		p.startLocked()
		p.mu.Unlock()
	}()
	os, err = p.transmit(ctx, batch[:])
	if err != nil && ctx.Err() != nil {
		p.abandon(c, ctx.Err())
		err = nil // it says nothing about SQS
	}
}

// next takes the next batch. If there is none to leave now, the goroutine is not counted
// any more.
func (p *Producer) next(batch []*Pending) []*Pending {
	p.mu.Lock()
	for before := -1; p.count < maxBatch && p.count > before; {
		before = p.count // those that were just answered may have more to send
		p.mu.Unlock()
		runtime.Gosched()
		p.mu.Lock()
	}
	defer p.mu.Unlock()
	p.recallLocked()
	if p.mayLeaveLocked(p.senders - 1) {
		p.latest = time.Now()
		batch = p.takeLocked(batch)
	}
	if len(batch) == 0 {
		p.senders--
	}
	p.startLocked()
	return batch
}

// settle answers the messages of a request that has ended, or has them tried again.
func (p *Producer) settle(batch []*Pending, os *[maxBatch]outcome, whole error, begun time.Time) {
	p.mu.Lock()
	p.paceLocked(whole)
	var lines [maxBatch]*line
	var again *line                        // of a standard queue
	for i := len(batch) - 1; i >= 0; i-- { // in this order they go to the front of their lines
		c, o := batch[i], &os[i]
		lines[i] = c.line
		p.triedLocked(c, o, begun)
		switch {
		case o.err != nil && p.retriesLocked(c, o):
			if !p.fifo && again == nil {
				again = &line{}
			}
			p.againLocked(c, o, again)
		case !c.answered:
			c.answerLocked(o.sent, p.endedLocked(c, o))
			p.releaseLocked(c)
			continue // to be announced
		default:
			p.releaseLocked(c)
		}
		batch[i] = nil
	}
	if again != nil {
		p.restoreLocked(again)
	}
	if p.fifo {
		for _, l := range lines[:len(batch)] {
			if l.state == busy {
				l.passed = false
				p.restoreLocked(l)
			}
		}
	}
	p.mu.Unlock()
	for _, c := range batch {
		if c != nil {
			c.announce()
		}
	}
}

// triedLocked notes what a try has come to. p.mu must be held.
func (p *Producer) triedLocked(c *Pending, o *outcome, begun time.Time) {
	if o.divide {
		return // it is not known yet whether anything is wrong with this one
	}
	if c.tries++; c.tries == 1 {
		c.first = begun
	}
	if o.err == nil {
		c.line.passed = true
		return
	}
	c.last = o.err
	c.unsure = c.unsure || o.unsure
}

// retriesLocked reports whether c, of which o has become, is to be sent again. Of a group
// of a FIFO queue nothing is once a later message is stored: that would change their
// order. p.mu must be held.
func (p *Producer) retriesLocked(c *Pending, o *outcome) bool {
	switch {
	case c.answered || p.cut:
		return false
	case o.divide:
		return true
	case !o.again || c.tries >= p.opts.Tries || p.fifo && c.line.passed:
		return false
	}
	return !p.fifo || !c.unsure || time.Since(c.first) < retryWindow
}

// againLocked puts c back to the front of its line, or of again. p.mu must be held.
func (p *Producer) againLocked(c *Pending, o *outcome, again *line) {
	if !p.fifo {
		c.line = again
	}
	c.state = waiting
	c.line.pushFront(c)
	if o.divide {
		c.alone = true
	} else if c.line.due.IsZero() {
		c.line.due = time.Now().Add(backoff(c.tries))
	}
}

// restoreLocked has a line, which no request has any of now, wait until it is its turn
// or, if it failed, until it is due. p.mu must be held.
func (p *Producer) restoreLocked(l *line) {
	switch {
	case l.n == 0:
		p.dropLocked(l)
	case l.due.IsZero():
		p.readyLocked(l)
	default:
		l.state = later
		p.later = append(p.later, l)
	}
}

// recallLocked has the lines sent that are due. p.mu must be held.
func (p *Producer) recallLocked() {
	if len(p.later) == 0 {
		return
	}
	now := time.Now()
	left := p.later[:0]
	for _, l := range p.later {
		if l.due.After(now) {
			left = append(left, l)
			continue
		}
		l.due = time.Time{}
		p.restoreLocked(l)
	}
	clear(p.later[len(left):])
	p.later = left
}

// paceLocked holds all requests back for a time when SQS asks for fewer, or when none
// gets through: else what is waiting would use up its tries together. p.mu must be held.
func (p *Producer) paceLocked(err error) {
	if err == nil || !passing(err) {
		p.failures, p.resume = 0, time.Time{}
		return
	}
	p.failures++
	if attr.Throttled(err) || p.failures >= p.opts.Concurrency {
		p.resume = time.Now().Add(backoff(1 + (p.failures-1)/p.opts.Concurrency))
	}
}

// endedLocked is the error of c, which is not sent again after o. p.mu must be held.
func (p *Producer) endedLocked(c *Pending, o *outcome) error {
	switch {
	case o.err == nil:
		return nil
	case p.cut && (o.again || o.divide):
		p.loseLocked(c)
		return c.undelivered(ErrClosed)
	case p.fifo && o.again && c.line.passed:
		return fmt.Errorf("not tried again, as a later message of its group is stored: %w", c.failed(o.err))
	}
	return c.failed(o.err)
}
