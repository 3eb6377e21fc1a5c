package worker

import (
	"context"
	"errors"
	"runtime/debug"
	"time"
)

var (
	errGroupStopped = errors.New("worker: an earlier message of its group failed")
	errExpired      = errors.New("worker: its visibility timeout ran out while it waited")
	errUnasked      = errors.New("worker: more messages came than were asked for")
	errTired        = errors.New("worker: it has waited for a permit for as long as the queue's visibility timeout")

	// errExited is the failure of a handler that ended its goroutine, as
	// testing.T.FailNow does.
	errExited = errors.New("handler called runtime.Goexit")
)

// handleOne has m handled and settled, unless it is known to be done, or lost.
func (r *run) handleOne(c *chain, m *Message) {
	if r.settler.memory.has(m.ID) {
		r.skip(c, m)
		return
	}
	ctx, cancel := context.WithCancelCause((*handlerContext)(m))
	defer cancel(nil)
	start := time.Now()
	if !r.leases.start(m, start, cancel) {
		r.lapse(c, m)
		return
	}
	if m.retried {
		m.retried = false
		m.Attempts++
	}
	err := errExited
	defer func() { // a handler that ends the goroutine comes by here too
		e := Event{Kind: EventHandled, Message: m, Start: start}
		if r.opts.Hook != nil {
			e.Duration = time.Since(start)
		}
		var o outcome
		o, e.Err = decide(ctx, m, err)
		r.conclude(c, m, o, e)
	}()
	err = call(ctx, r.worker.handler, m)
}

// call runs the handler. A panic is the message's failure.
func call(ctx context.Context, h Handler, m *Message) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return h.Handle(ctx, m)
}

// conclude carries out the outcome of m, or what the worker makes of it.
// e is what the hook is to hear. Once a drain has abandoned m, nothing is.
func (r *run) conclude(c *chain, m *Message, o outcome, e Event) {
	if slow := o.kind == DeadLettered || r.queue.fifo && !o.finished(); slow && r.abandoned(c) {
		return
	}
	if o.kind == DeadLettered && r.leases.isLost(m) {
		o = outcome{kind: Failed, again: -1} // it is for whoever has it to decide
	}
	if o.kind == DeadLettered {
		o, e.Err = r.bury(m, e.Err)
	}
	if r.queue.fifo && !o.finished() {
		o = r.recoverInOrder(c, m, o, e.Err)
	}
	rest, ok := r.finish(c, m, &o)
	if !ok {
		return
	}
	r.stats.count(o.kind)
	e.Outcome = o.kind
	r.event((*handlerContext)(m), e)
	r.gates.done(m, e.Err)
	if !o.held {
		r.settle(m, o, e.Err, rest)
	}
}

// finish ends the running message of c. Unless it is finished, it takes the rest
// of its group, which goes back: running it would break the order. A
// message that is held takes its place at the head of the chain again. It reports
// false if a drain has abandoned the message meanwhile.
func (r *run) finish(c *chain, m *Message, o *outcome) (rest []*Message, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.running == nil {
		return nil, false
	}
	c.running = nil
	r.buffer.ended()
	if o.held && r.draining {
		*o = outcome{kind: o.kind} // again at once
	}
	if o.held {
		r.leases.rest(m)
		if o.kind == Failed { // and not Snoozed
			m.retried = true
			r.ledger.add(m.ID, -1)
		}
		m.policy, m.granted = r.opts.Policy, false
		c.waiting = append([]*Message{m}, c.waiting...)
		c.hold = newHold(max(o.again, 0))
		return nil, true
	}
	switch {
	case o.finished():
	case r.leases.isLost(m): // what came since may be m itself, once more
		rest = c.take()
	default:
		rest = r.takeAllLocked(c)
	}
	if r.draining {
		r.counts.count(*o)
	}
	return rest, true
}

// settle hands m to the settler, and the rest of its chain, which is empty unless
// m goes back. The rest is released before anything changes for m, and of the rest
// the last first. SQS delivers nothing of a group behind a message in flight, so
// all of it becomes deliverable together with m, in order.
func (r *run) settle(m *Message, o outcome, err error, rest []*Message) {
	m.outcome = o
	if o.finished() {
		if r.leases.end(m) {
			r.settled(m)
		}
		return
	}
	r.gates.forgo(rest...)
	changes := r.releases(rest, errGroupStopped)
	switch o.kind {
	case Released:
		r.event(r.values, Event{Kind: EventReleased, Message: m, Err: err})
		r.ledger.add(m.ID, 1)
	case Snoozed:
		r.ledger.add(m.ID, 1)
	}
	if r.leases.end(m) {
		changes = append(changes, m.change()...)
	}
	r.settler.changes.add(changes...)
}

// settled hands m, whose lease is over, to the settler. It is what leases calls
// when an extension had to be waited for.
func (r *run) settled(m *Message) {
	if m.outcome.finished() {
		r.ledger.forget(m.ID)
		r.settler.done(m)
		return
	}
	r.settler.changes.add(m.change()...)
}

// change returns the change of visibility that the outcome of m asks for, if any.
func (m *Message) change() []entry {
	if m.outcome.again < 0 || m.lease.state == lost {
		return nil
	}
	now := time.Now()
	e := newChange(m, now.Add(m.outcome.again))
	if m.outcome.again > 0 {
		e.at = now.Add(max(m.outcome.again, time.Second)) // the least there is, also when it has waited
		e.due = m.run.settler.due(&e, changeWithin)
	}
	if !m.outcome.left {
		e.values = m.values
	}
	return []entry{e}
}

// giveBack releases messages that were not handled, the last first.
func (r *run) giveBack(ms []*Message, why error) {
	r.gates.forgo(ms...)
	r.settler.changes.add(r.releases(ms, why)...)
}

// releases tells whom it concerns that ms are released, and returns the changes to
// make, the last first.
func (r *run) releases(ms []*Message, why error) []entry {
	changes := make([]entry, 0, len(ms)+1)
	for i := len(ms) - 1; i >= 0; i-- {
		m := ms[i]
		r.stats.released.Add(1)
		r.event(r.values, Event{Kind: EventReleased, Message: m, Err: why})
		r.ledger.add(m.ID, 1)
		m.outcome = outcome{kind: Released}
		if r.leases.end(m) {
			changes = append(changes, m.change()...)
		}
	}
	return changes
}

// skip ends a message that is known to be done, by deleting it.
func (r *run) skip(c *chain, m *Message) {
	if r.claimed(c) {
		r.forgo(m)
	}
}

// claimed takes the running message of c away from a drain. It reports false if that
// has abandoned it already.
func (r *run) claimed(c *chain) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	ours := c.running != nil
	c.running = nil
	return ours
}

// forgo deletes m, which is known to be done, without a call of its handler.
func (r *run) forgo(m *Message) {
	r.stats.skipped.Add(1)
	r.event(r.values, Event{Kind: EventSkipped, Message: m})
	r.gates.forgo(m)
	m.outcome = outcome{kind: Done}
	if r.leases.end(m) {
		r.settled(m)
	}
}

// lapse ends a message whose visibility timeout ran out while it waited, and those
// behind it: SQS gives it to others by now, and they must not overtake it.
func (r *run) lapse(c *chain, m *Message) {
	r.mu.Lock()
	if c.running == nil {
		r.mu.Unlock()
		return // a drain has abandoned it
	}
	c.running = nil
	rest := c.take()
	r.mu.Unlock()
	r.giveBack(append([]*Message{m}, rest...), errExpired)
}
