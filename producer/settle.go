package producer

import (
	"container/heap"
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/quayside-go/quayside/internal/attr"
)

// retryWindow is for how long a message of a FIFO queue may be tried again that may be
// stored already. The queue knows it again for 5 minutes, less a request and the wait for
// it.
const retryWindow = 4 * time.Minute

// sender makes the request for batch, and then others while there is something to send.
func (p *Producer) sender(batch []*Pending) {
	ended := true
	defer func() {
		if ended { // by the client or the hook, as testing.T.FailNow does
			p.release()
		}
	}()
	for len(batch) > 0 {
		p.attempt(p.base, batch)
		clear(batch)
		batch = p.next(batch[:0])
	}
	ended = false
}

// release has one request less under way.
func (p *Producer) release() {
	p.mu.Lock()
	p.senders--
	p.startLocked()
	p.mu.Unlock()
}

// solo makes the request for c alone, in the goroutine of Send: with nobody else there, a
// second one would only cost time. The request ends with ctx. If the client or the hook
// panics, whoever called Send may recover, so the producer must be whole.
func (p *Producer) solo(ctx context.Context, c *Pending) {
	batch := [1]*Pending{c}
	defer p.release()
	p.attempt(ctx, batch[:])
}

// attempt makes a request for batch, which ends with ctx, and settles what comes of it, even
// if the client or the hook panics.
func (p *Producer) attempt(ctx context.Context, batch []*Pending) {
	begun := time.Now()
	var os [maxBatch]outcome
	for i := range batch {
		os[i] = outcome{err: errPanicked, unsure: true}
	}
	err := errWithdrawn // it says nothing about SQS
	defer func() { p.settle(batch, &os, err, begun) }()
	os, err = p.transmit(ctx, batch)
	if err != nil && ctx != p.base && ctx.Err() != nil {
		p.abandon(batch[0], ctx.Err())
		err = errWithdrawn
	}
}

// next takes the next batch. If there is none to leave now, the goroutine is not counted
// any more.
func (p *Producer) next(batch []*Pending) []*Pending {
	p.mu.Lock()
	p.looking++
	for before := -1; p.count < maxBatch && p.count > before; {
		before = p.count // those that were just answered may have more to send
		p.mu.Unlock()
		runtime.Gosched()
		p.mu.Lock()
	}
	p.looking--
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
	p.paceLocked(whole, os, begun)
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
	batch = slices.DeleteFunc(batch, func(c *Pending) bool { return c == nil })
	if slices.ContainsFunc(batch, func(c *Pending) bool { return c.async && c.tell != nil }) {
		// What is waiting should not wait for middleware too.
		if p.telling < p.opts.Concurrency {
			p.tellLocked(slices.Clone(batch))
			batch = nil
		} else {
			p.startLocked()
		}
	}
	p.mu.Unlock()
	announceAll(batch)
}

// triedLocked notes what a try has come to. p.mu must be held.
func (p *Producer) triedLocked(c *Pending, o *outcome, begun time.Time) {
	if o.divide {
		return // it is not known yet whether anything is wrong with this one
	}
	c.tries++
	if o.err == nil {
		c.line.passed = true
		return
	}
	c.last = o.err
	if o.unsure && !c.unsure {
		c.unsure, c.first = true, begun
	}
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
	return !p.forgotten(c)
}

// forgotten reports whether a FIFO queue may not know c again, which may be stored.
func (p *Producer) forgotten(c *Pending) bool {
	return p.fifo && c.unsure && time.Since(c.first) >= retryWindow
}

// staleLocked reports whether c, which is the first of its line and ready, has waited for too
// long to be tried again, and if so gives it up: it is left in p.stale. p.mu must be held.
func (p *Producer) staleLocked(c *Pending) bool {
	if !p.forgotten(c) {
		return false
	}
	p.leaveLocked(c) // its line is looked after by who takes from it
	c.answerLocked(Sent{}, c.failed(c.last))
	p.releaseLocked(c)
	p.stale = append(p.stale, c)
	return true
}

// tellLocked has a goroutine announce what is answered. p.mu must be held.
func (p *Producer) tellLocked(answered []*Pending) {
	if len(answered) > 0 {
		p.telling++
		go p.tell(answered)
	}
}

// tell announces what is answered, in a goroutine that p.telling counts.
func (p *Producer) tell(answered []*Pending) {
	defer func() { // even if middleware ends the goroutine
		p.mu.Lock()
		p.telling--
		p.startLocked()
		p.mu.Unlock()
	}()
	announceAll(answered)
}

// announceAll announces each, even if middleware ends the goroutine.
func announceAll(answered []*Pending) {
	for i, c := range answered {
		if c.async && c.tell != nil {
			defer announceAll(answered[i+1:])
			c.announce()
			return
		}
		c.announce()
	}
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
	if l.n > 0 && !l.due.IsZero() {
		p.laterLocked(l)
		return
	}
	p.readyLocked(l)
}

// recallLocked has the lines sent that are due. p.mu must be held.
func (p *Producer) recallLocked() {
	if len(p.later) == 0 {
		return
	}
	for now := time.Now(); len(p.later) > 0 && !p.later[0].due.After(now); {
		p.readyLocked(heap.Pop(&p.later).(*line))
	}
}

// leastWidth is how many requests may be under way at once in any case, if so many may be at
// all: one that hangs should not hold up the others.
const leastWidth = 4

// paceLocked holds all requests back for a time when SQS asks for fewer, be it in the reply
// for a message, or when none gets through: else what is waiting would use up its tries
// together. Then half as many may be under way at once, and one more with each that is
// answered. err is that of a request that began then, and os what became of its messages.
// p.mu must be held.
func (p *Producer) paceLocked(err error, os *[maxBatch]outcome, begun time.Time) {
	if err == errWithdrawn {
		return // it says nothing about SQS
	}
	for i := range os {
		if o := &os[i]; err == nil && o.again && attr.Throttled(o.err) {
			err = o.err
		}
	}
	if err == nil || !passing(err) {
		p.failures, p.holds, p.resume = 0, 0, time.Time{}
		p.width = min(p.width+1, p.opts.Concurrency)
		return
	}
	if begun.Before(p.held) {
		return // what it says is known
	}
	if p.failures++; attr.Throttled(err) || p.failures >= p.width {
		p.failures, p.held, p.width = 0, time.Now(), min(max(p.width/2, leastWidth), p.opts.Concurrency)
		p.holds++
		p.resume = p.held.Add(backoff(p.holds))
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
