package worker

import "time"

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
	ms = r.notDone(ms)
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

// notDone returns those of ms that are not known to be done. The others are
// deleted.
func (r *run) notDone(ms []*Message) []*Message {
	rest := make([]*Message, 0, len(ms))
	for _, m := range ms {
		if r.settler.known(m) {
			r.event(r.values, Event{Kind: EventSkipped, Message: m})
			continue
		}
		rest = append(rest, m)
	}
	return rest
}

// split makes chains of ms: one per group of a FIFO queue, one per message of a
// standard queue.
func (r *run) split(ms []*Message) []*chain {
	chains := make([]*chain, 0, len(ms))
	var groups map[string]*chain
	if r.queue.fifo {
		groups = make(map[string]*chain)
	}
	for i, m := range ms {
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
	for {
		r.extend(c)
		m := r.next(c)
		if m == nil {
			return
		}
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

// leave ends c. When nothing is left running, deletes need not wait for company.
func (r *run) leave(c *chain) {
	r.mu.Lock()
	_, ours := r.chains[c] // not if it was abandoned
	delete(r.chains, c)
	last := ours && len(r.chains) == 0
	if last && r.idle != nil {
		close(r.idle)
	}
	r.mu.Unlock()
	if last {
		r.settler.deletes.flush()
	}
	r.freePermits(1)
}
