package worker

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"time"
)

var (
	errGroupStopped = errors.New("worker: an earlier message of its group failed")
	errExpired      = errors.New("worker: its visibility timeout ran out while it waited for its group")
	errNotExtended  = errors.New("worker: its visibility timeout could not be extended while it waited for its group")
	errUnasked      = errors.New("worker: more messages came than were asked for")
)

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
	changes := r.releases(rest, errGroupStopped)
	if o.released {
		r.event(r.values, Event{Kind: EventReleased, Message: m, Err: err})
	}
	if o.again >= 0 {
		changes = append(changes, newChange(m, time.Now().Add(o.again)))
	}
	r.settler.changes.add(changes...)
}

// giveBack releases messages that were not handled, the last first.
func (r *run) giveBack(ms []*Message, why error) {
	r.settler.changes.add(r.releases(ms, why)...)
}

// releases tells the hook that ms are released, and returns the changes to make,
// the last first.
func (r *run) releases(ms []*Message, why error) []entry {
	changes := make([]entry, 0, len(ms)+1)
	now := time.Now()
	for _, m := range slices.Backward(ms) {
		r.event(r.values, Event{Kind: EventReleased, Message: m, Err: why})
		changes = append(changes, newChange(m, now))
	}
	return changes
}
