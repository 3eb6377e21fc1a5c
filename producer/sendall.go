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
// each message, at its place. The error is not nil if any was not sent: it says how many,
// and holds the first one's.
//
// The messages of a group of a FIFO queue keep their order. That one is refused does not
// hold back the next. Once ctx has ended, no more are sent.
func (p *Producer) SendAll(ctx context.Context, ms ...Message) ([]Result, error) {
	a := collection{results: make([]Result, len(ms))}
	cs := make([]*Pending, len(ms))
	for i := range ms {
		cs[i] = p.begin(ctx, ms[i])
		if !cs[i].answered {
			if room, _ := p.offer(ctx, cs[i], false); room != nil {
				p.enter(ctx, cs[i], room)
			}
		}
		for a.n < i && cs[a.n].arrived() {
			a.add(cs[a.n])
			cs[a.n-1] = nil // nothing is kept of those that are answered
		}
	}
	for a.n < len(cs) {
		p.await(ctx, cs[a.n])
		a.add(cs[a.n])
	}
	if a.failed == 0 {
		return a.results, nil
	}
	return a.results, fmt.Errorf("producer: %d of %d messages not sent to %q; %w", a.failed, len(ms), p.name, a.first)
}

// collection is the results of SendAll.
type collection struct {
	results []Result
	n       int // of them that are there
	failed  int
	first   error // of those that failed
}

// add waits for the next answer, tells the middleware, and notes it.
func (a *collection) add(c *Pending) {
	c.told()
	r := &a.results[a.n]
	if r.Sent, r.Err = c.answer(); r.Err != nil {
		if a.failed++; a.failed == 1 {
			a.first = fmt.Errorf("message %d: %w", a.n, c.err)
		}
	}
	a.n++
}

// enter waits until there is room for c, unless it is answered or ctx ends first.
func (p *Producer) enter(ctx context.Context, c *Pending, room <-chan struct{}) {
	select {
	case <-room:
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
	if room, _ := p.offer(ctx, c, false); room != nil {
		select {
		case <-room:
		case <-c.done:
		}
	}
	return c
}
