package worker

import (
	"context"
	"errors"
	"runtime/debug"
	"time"
)

var (
	errGroupStopped = errors.New("worker: an earlier message of its group failed")
	errExpired      = errors.New("worker: its visibility timeout ran out while it waited for its group")
	errUnasked      = errors.New("worker: more messages came than were asked for")
)

// A chain is what one goroutine handles in order, under one permit: a message,
// or all messages of one FIFO group that came with one reply. Its fields are
// guarded by run.mu; whoever takes a message out of it under the lock is the
// one who settles it.
type chain struct {
	waiting []*Message
	running *Message // nil between two messages, and once it was abandoned
	begun   bool     // its first message, which starts at once, was taken
}

// dispatch starts chains for ms, received with n permits in hand, and returns
// how many permits they hold now. It returns at once.
func (r *run) dispatch(ms []*Message, n int) (started int) {
	if len(ms) > n { // no queue does this; what cannot start goes back
		r.giveBack(ms[n:], errUnasked)
		ms = ms[:n]
	}
	chains := r.split(ms)
	r.mu.Lock()
	for _, c := range chains {
		r.chains[c] = struct{}{}
	}
	r.mu.Unlock()
	for _, c := range chains {
		go r.handleAll(c)
	}
	return len(chains)
}

// split makes chains of ms: one per group of a FIFO queue, one per message of a
// standard queue. Messages known to be done are settled instead.
func (r *run) split(ms []*Message) []*chain {
	chains := make([]*chain, 0, len(ms))
	var groups map[string]*chain
	if r.queue.fifo {
		groups = make(map[string]*chain)
	}
	for i, m := range ms {
		if r.settler.known(m) {
			r.event(r.values, Event{Kind: EventSkipped, Message: m})
			continue
		}
		if c := groups[m.Group]; c != nil {
			c.waiting = append(c.waiting, m)
			continue
		}
		c := &chain{waiting: ms[i : i+1 : i+1]} // appending makes a copy
		chains = append(chains, c)
		if r.queue.fifo {
			groups[m.Group] = c
		}
	}
	return chains
}

// handleAll is the goroutine of a chain.
func (r *run) handleAll(c *chain) {
	defer r.leave(c) // also if a handler ends the goroutine
	for m := r.next(c); m != nil; m = r.next(c) {
		r.handleOne(c, m)
	}
}

// next takes the next message of c that may run; nil if there is none.
func (r *run) next(c *chain) *Message {
	r.mu.Lock()
	if len(c.waiting) == 0 {
		r.mu.Unlock()
		return nil
	}
	m := c.waiting[0]
	if c.begun && !time.Now().Before(m.expires) {
		// It has waited for a slow one before it, and SQS gives it, and those
		// behind it, to others by now.
		expired := c.take()
		r.mu.Unlock()
		for _, m := range expired {
			r.event(r.values, Event{Kind: EventReleased, Message: m, Err: errExpired})
		}
		return nil
	}
	c.waiting, c.running, c.begun = c.waiting[1:], m, true
	r.mu.Unlock()
	return m
}

// take removes and returns what has not begun. run.mu must be held.
func (c *chain) take() []*Message {
	ms := c.waiting
	c.waiting = nil
	return ms
}

// handleOne has m handled and settled. After a failure the rest of the chain
// goes back: running it would break the order of the group.
func (r *run) handleOne(c *chain, m *Message) {
	ctx := withMessage(r.base, m)
	start := time.Now()
	o, err := outcome{again: -1}, errExited
	defer func() { // a handler that ends the goroutine comes by here too
		rest, ok := r.finish(c, o)
		if !ok {
			return
		}
		r.event(ctx, Event{Kind: EventHandled, Message: m, Err: err, Start: start, Duration: time.Since(start)})
		r.settle(m, o, err, rest)
	}()
	err = r.call(ctx, m, &o)
}

// call runs the handler and decides on the outcome, which is user code as well
// (Policy.Retry); a panic in either is the message's failure.
func (r *run) call(ctx context.Context, m *Message, o *outcome) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
			*o = outcome{again: -1}
		}
	}()
	err = r.worker.handler.Handle(ctx, m)
	*o = decide(ctx, m, err)
	return err
}

// finish ends the running message of c and, unless it is done, takes the rest.
// It reports false if a drain has abandoned the message meanwhile.
func (r *run) finish(c *chain, o outcome) (rest []*Message, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.running == nil {
		return nil, false
	}
	c.running = nil
	if !o.done {
		rest = c.take()
	}
	if r.draining && o.done {
		r.counts.Done++
	}
	if r.draining && o.released {
		r.counts.Released++
	}
	return rest, true
}

// settle hands m to the settler, and the rest of its chain, which is empty
// unless m failed. The rest is released before anything changes for m, and of
// the rest the last first. SQS delivers nothing of a group behind a message in
// flight, so all of it becomes deliverable together with m, in order.
func (r *run) settle(m *Message, o outcome, err error, rest []*Message) {
	if o.done {
		r.settler.done(m)
		return
	}
	changes := make([]entry, 0, len(rest)+1)
	now := time.Now()
	for i := len(rest) - 1; i >= 0; i-- {
		r.event(r.values, Event{Kind: EventReleased, Message: rest[i], Err: errGroupStopped})
		changes = append(changes, entry{m: rest[i], at: now})
	}
	if o.released {
		r.event(r.values, Event{Kind: EventReleased, Message: m, Err: err})
	}
	if o.again >= 0 {
		changes = append(changes, entry{m: m, at: now.Add(o.again)})
	}
	r.settler.changes.add(changes...)
}

// giveBack releases messages that were not handled, the last first.
func (r *run) giveBack(ms []*Message, why error) {
	changes := make([]entry, 0, len(ms))
	now := time.Now()
	for i := len(ms) - 1; i >= 0; i-- {
		r.event(r.values, Event{Kind: EventReleased, Message: ms[i], Err: why})
		changes = append(changes, entry{m: ms[i], at: now})
	}
	r.settler.changes.add(changes...)
}

// leave ends c. When nothing is left running, deletes need not wait for company.
func (r *run) leave(c *chain) {
	r.mu.Lock()
	delete(r.chains, c)
	last := len(r.chains) == 0
	if last && r.idle != nil {
		close(r.idle)
	}
	r.mu.Unlock()
	if last {
		r.settler.deletes.flush()
	}
	r.freePermits(1)
}
