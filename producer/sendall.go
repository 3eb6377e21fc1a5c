package producer

import (
	"context"
	"fmt"
)

// Result is what became of one message of several.
type Result struct {
	Sent
	Err error // nil: SQS has stored the message
}

// SendAll sends the messages as calls of [Producer.Send] that follow one another would,
// but in requests that are full, and returns when all are answered. There is a result for
// each message, at its place. The error is not nil if any has one: it says how many, and
// holds the first.
//
// The messages of a group of a FIFO queue keep their order. That one is refused does not
// hold back the next. Once ctx has ended, no more are sent.
func (p *Producer) SendAll(ctx context.Context, ms ...Message) ([]Result, error) {
	a := collection{p: p, ctx: ctx, pending: make([]*Pending, 0, len(ms)), results: make([]Result, len(ms))}
	a.begin()
	defer a.finish()
	for ; len(ms) > 0; ms = ms[min(len(ms), maxBatch):] {
		for _, m := range ms[:min(len(ms), maxBatch)] {
			a.pending = append(a.pending, p.begin(ctx, m))
		}
		a.enter()
		for a.n < len(a.pending) && a.pending[a.n].arrived() {
			a.add()
		}
	}
	a.end()
	for a.n < len(a.pending) {
		a.add()
	}
	if a.failed == 0 {
		return a.results, nil
	}
	return a.results, fmt.Errorf("producer: send to %q: %d of %d messages failed; %w", p.name, a.failed, len(a.results), a.first)
}

// collection is the messages of SendAll, and what became of them.
type collection struct {
	p       *Producer
	ctx     context.Context
	pending []*Pending // those that were begun; nil once their results are there
	entered int        // of them that were given to p
	late    bool       // Close had begun before, or all are given to p
	results []Result
	n       int // of them that are there
	failed  int
	first   error // of those that failed
}

// enter gives the messages begun to p, together, so that they share a request, and waits
// until there is room for all, they are answered, or ctx ends.
func (a *collection) enter() {
	some := a.pending[a.entered:]
	a.entered = len(a.pending)
	a.p.offerAll(some, a.late)
	for _, c := range some {
		if c.admitted != nil {
			a.p.enter(a.ctx, c)
		}
	}
}

// add waits for the next answer, tells the middleware, and notes it.
func (a *collection) add() {
	c := a.pending[a.n]
	a.p.await(a.ctx, c)
	a.pending[a.n] = nil // nothing is kept of those that are answered
	r := &a.results[a.n]
	r.Sent, r.Err = c.answer()
	if a.n++; r.Err != nil {
		if a.failed++; a.failed == 1 {
			a.first = fmt.Errorf("message %d: %w", a.n-1, c.err)
		}
	}
	c.told()
}

// finish sees to it, should a middleware or the hook panic, that those of all other messages
// hear of them.
func (a *collection) finish() {
	defer a.end()
	for _, c := range a.pending[a.entered:] {
		a.p.abandon(c, errUnprepared)
	}
	for a.n < len(a.pending) {
		func() {
			defer func() { _ = recover() }() // the first panic is the caller's
			a.add()
		}()
	}
}

// begin has Close wait until all messages are given to p, unless it has begun before.
func (a *collection) begin() {
	a.p.mu.Lock()
	defer a.p.mu.Unlock()
	if a.late = a.p.closed; !a.late {
		a.p.calls++
	}
}

// end has Close wait no longer.
func (a *collection) end() {
	if a.late {
		return
	}
	a.late = true
	a.p.mu.Lock()
	a.p.calls--
	a.p.startLocked()
	a.p.mu.Unlock()
}

// enter waits until there is room for c, unless it is answered or ctx ends first.
func (p *Producer) enter(ctx context.Context, c *Pending) {
	select {
	case <-c.admitted:
	case <-c.done:
	case <-ctx.Done():
		p.abandon(c, ctx.Err())
	}
}

// arrived reports whether the answer is there.
func (c *Pending) arrived() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// SendAsync sends m as [Producer.Send] does, but does not wait for the answer, which
// [Pending.Wait] returns. Only if the producer has as many messages as it may have does
// it wait for room.
//
// ctx is the message's: when it ends, the message is given up, unless a request has it,
// and answered at once. Whoever wants a message to be sent although ctx ends, that of a
// request being served for example, hands in [context.WithoutCancel] of it; Close sees to
// it that nothing is left behind.
//
// Calls that follow one another for the same group of a FIFO queue send in that order.
func (p *Producer) SendAsync(ctx context.Context, m Message) *Pending {
	c := p.begin(ctx, m)
	c.async = true
	if c.answered {
		if c.tell != nil {
			c.tell(c.sent, c.err)
		}
		return c
	}
	if p.offer(ctx, c, false); c.admitted != nil {
		select {
		case <-c.admitted:
		case <-c.done:
		}
	}
	return c
}
