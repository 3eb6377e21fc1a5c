package worker

import (
	"context"
	"maps"
	"slices"
	"time"
)

// A chain is what one goroutine handles in order, under one permit: a message, or
// all messages of one FIFO group that came with one reply. Its fields are guarded
// by run.mu; whoever takes a message out of it under the lock is the one who
// settles it.
type chain struct {
	group   string     // FIFO only
	waiting []*Message // the first is next
	running *Message   // nil between two messages, and once it was abandoned
	behind  *chain     // what came later of the same group
	permit  bool       // it has one; else it gets one from the buffer, or from the chain before it
	hold    *hold      // its first message is to be tried again in a while
	passed  int        // of run.keyed: those that have let its message through
	called  bool       // by one of them, before it was parked
}

// hold is the time until a chain goes on.
type hold struct {
	timer *time.Timer
	ended chan struct{} // closed by a drain
}

// split makes chains of ms: one per group of a FIFO queue, one per message of a
// standard queue.
func (r *run) split(ms []*Message) []*chain {
	chains := make([]*chain, 0, len(ms))
	room := make([]chain, len(ms)) // they hold nothing of a message that has begun
	for i, m := range ms {
		if r.queue.fifo {
			same := func(c *chain) bool { return c.group == m.Group }
			if at := slices.IndexFunc(chains, same); at >= 0 {
				chains[at].waiting = append(chains[at].waiting, m)
				continue
			}
		}
		room[i] = chain{group: m.Group, waiting: ms[i : i+1 : i+1]} // appending makes a copy
		chains = append(chains, &room[i])
	}
	return chains
}

// admitLocked makes c one of the run's chains. It reports false if c has to wait
// for another chain of its group, whose goroutine goes on with it. SQS sends
// nothing of a group of which something is in flight, so this is rare: a lease
// was lost, or the queue is less strict. run.mu must be held.
func (r *run) admitLocked(c *chain) bool {
	if !r.queue.fifo {
		r.chains[c] = struct{}{}
		return true
	}
	first := r.groups[c.group]
	if first == nil {
		r.groups[c.group] = c
		r.chains[c] = struct{}{}
		return true
	}
	for first.behind != nil {
		first = first.behind
	}
	first.behind = c
	return false
}

// handleAll handles c, what is behind it, and then what else is ready.
func (r *run) handleAll(c *chain) {
	exited := true
	defer func() {
		if exited { // a handler has ended the goroutine, as testing.T.FailNow does
			go r.hand(c)
		}
	}()
	for c != nil {
		switch s := r.next(c); {
		case s.hold != nil:
			s.hold.wait()
			r.resume(c)
		case s.ask:
			r.ask(c)
		case s.message != nil:
			r.handleOne(c, s.message)
			c = r.leave(c)
		default:
			c = r.leave(c)
		}
	}
	exited = false
}

// step is what a chain does next: wait, ask the gates, handle a message, or, if it is
// zero, end.
type step struct {
	hold    *hold
	ask     bool
	message *Message
}

// next decides on the next step, and takes the message for it.
func (r *run) next(c *chain) step {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case c.hold != nil:
		return step{hold: c.hold}
	case len(c.waiting) == 0:
		return step{}
	case !c.waiting[0].granted && !r.leases.isLost(c.waiting[0]): // what is lost goes at once
		return step{ask: true}
	}
	m := c.waiting[0]
	c.waiting[0] = nil // the slice is that of a whole reply, and lasts as long as the slowest of its messages
	c.waiting, c.running = c.waiting[1:], m
	return step{message: m}
}

// ask waits until the gates let the first message of c through, which waited behind
// another or is to be tried again. It keeps its lease meanwhile; if it loses that, it
// waits no longer. If it takes until polling ends, the chain goes back, and what is
// behind it.
func (r *run) ask(c *chain) {
	ctx, cancel := context.WithCancelCause(r.polling)
	defer cancel(nil)
	r.mu.Lock()
	if len(c.waiting) == 0 || r.takeOverLocked(c) {
		r.mu.Unlock()
		return
	}
	m := c.waiting[0]
	r.asking[c] = ctx.Done()
	r.leases.watch(m, cancel)
	r.mu.Unlock()
	n := r.gates.again().take(ctx, 1)
	if n == 0 && ctx.Err() == nil {
		sleep(ctx, patience) // a gate has broken its promise
	}
	r.leases.watch(m, nil)
	r.mu.Lock()
	delete(r.asking, c)
	var rest []*Message
	switch {
	case n == 0 && r.polling.Err() != nil:
		rest = r.takeAllLocked(c)
		r.counts.Released += len(rest)
	case n > 0 && len(c.waiting) > 0:
		c.waiting[0].grantAgain()
		n = 0
	}
	r.mu.Unlock()
	r.gates.giveBack(n)
	r.giveBack(rest, ErrDraining)
}

// takeOverLocked has the first message of c go in place of one that waits in the
// buffer. That waits for a permit, and c has one: with what the gates let through held
// there, neither might go on. run.mu must be held.
func (r *run) takeOverLocked(c *chain) bool {
	for _, other := range r.buffer.waiting {
		if first := other.waiting[0]; first.granted {
			first.granted = false // it asks when it has a permit
			c.waiting[0].grantAgain()
			return true
		}
	}
	return false
}

// grantAgain takes note that the gates have let m through now.
func (m *Message) grantAgain() { m.granted, m.after = true, time.Since(m.lease.polled) }

// calm waits until the gates have answered what is at hand and asks them now, or ctx
// ends. What comes to ask later is no matter: messages that are tried again and again
// would keep polls waiting for ever.
func (r *run) calm(ctx context.Context) {
	r.mu.Lock()
	answered := slices.Collect(maps.Values(r.asking))
	r.mu.Unlock()
	for _, c := range answered {
		select {
		case <-c:
		case <-ctx.Done():
			return
		}
	}
}

func newHold(d time.Duration) *hold {
	return &hold{time.NewTimer(d), make(chan struct{})}
}

func (h *hold) wait() {
	select {
	case <-h.timer.C:
	case <-h.ended:
	}
	h.timer.Stop()
}

func (r *run) resume(c *chain) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.hold = nil
}

// take removes and returns what has not begun.
func (c *chain) take() []*Message {
	ms := c.waiting
	c.waiting = nil
	return ms
}

// takeAllLocked is take for c and the chains behind it. run.mu must be held.
func (r *run) takeAllLocked(c *chain) (ms []*Message) {
	for first := c; c != nil; c = c.behind {
		if c != first && !c.permit {
			r.buffer.leaveLocked(c)
		}
		ms = append(ms, c.take()...)
	}
	return ms
}

// leave ends c, if there is nothing left in it, and returns the chain behind it, or one
// that is ready. When nothing is left running, deletes need not wait for company.
func (r *run) leave(c *chain) *chain {
	r.mu.Lock()
	if len(c.waiting) > 0 || c.hold != nil {
		r.mu.Unlock()
		return c
	}
	next := c.behind
	r.removeLocked(c)
	last := len(r.chains) == 0
	free := c.permit
	if next != nil && !next.permit {
		r.buffer.leaveLocked(next)
		next.permit, free = c.permit, false
	}
	var unparked *chain
	if free && !r.draining {
		if unparked = r.buffer.nextUnparkedLocked(); unparked != nil {
			unparked.permit, free = true, false // polls would take it
		}
	}
	if next == nil {
		next = r.takeReadyLocked()
	}
	r.mu.Unlock()
	if last {
		r.settler.flush()
	}
	if free {
		r.member.release(1)
	}
	if last {
		r.rested()
	}
	if unparked != nil {
		r.start(unparked)
	}
	return next
}

// removeLocked ends c for everybody but its goroutine. run.mu must be held.
func (r *run) removeLocked(c *chain) {
	if _, ours := r.chains[c]; !ours {
		return // it was abandoned
	}
	delete(r.chains, c)
	if r.queue.fifo {
		delete(r.groups, c.group)
	}
	if c.behind != nil {
		r.chains[c.behind] = struct{}{}
		r.groups[c.group] = c.behind
	}
	r.tellIdleLocked()
}

// tellIdleLocked tells a drain when there are no chains any more. run.mu must be
// held.
func (r *run) tellIdleLocked() {
	if r.idle == nil || len(r.chains) > 0 {
		return
	}
	select {
	case <-r.idle:
	default:
		close(r.idle)
	}
}
