package worker

// start starts c, which has a permit, unless a gate wants its message to wait for
// others of its key. Then c is parked: its message waits under its lease, without a
// goroutine and without a permit, until the gate calls. If there are too many of
// that kind already it is stuck: it keeps its permit, so that less is received.
func (r *run) start(c *chain) {
	for c.passed < len(r.keyed) {
		m := r.first(c)
		if m == nil {
			break // a drain has taken it; c has to end
		}
		gate := r.keyed[c.passed]
		admitted := gate.admit(m, func(*Message) { r.unpark(c) })
		if r.first(c) != m { // a drain took it meanwhile, and may have told the gate too soon
			gate.forget(m)
			break
		}
		if !admitted {
			r.park(c)
			return
		}
		c.passed++
	}
	r.mu.Lock()
	r.readyLocked(c)
	r.mu.Unlock()
}

func (r *run) first(c *chain) *Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(c.waiting) == 0 {
		return nil
	}
	return c.waiting[0]
}

// maxParked is how many messages may wait for their keys without a permit.
func (r *run) maxParked() int { return r.opts.Concurrency + r.opts.Prefetch }

func (r *run) park(c *chain) {
	r.mu.Lock()
	if c.called { // meanwhile
		c.called = false
		r.mu.Unlock()
		c.passed++
		r.start(c)
		return
	}
	if r.draining { // it has nothing left, and nobody else would end it
		r.readyLocked(c)
		r.mu.Unlock()
		return
	}
	free := len(r.parked) < r.maxParked()
	if free {
		c.permit = false
		r.parked[c] = struct{}{}
	} else {
		r.stuck[c] = struct{}{}
	}
	r.mu.Unlock()
	if free {
		r.member.release(1)
	}
}

// unpark is what a gate calls when the message of c may go on. If c has no permit it
// takes that of one that is stuck: it would wait for it in vain, if all permits were
// with such.
func (r *run) unpark(c *chain) {
	r.mu.Lock()
	_, parked := r.parked[c]
	_, stuck := r.stuck[c]
	if !parked && !stuck {
		c.called = true // park is about to see it, or a drain has ended c
		r.mu.Unlock()
		return
	}
	delete(r.parked, c)
	delete(r.stuck, c)
	c.passed++
	for other := range r.stuck {
		if c.permit {
			break
		}
		delete(r.stuck, other)
		r.parked[other] = struct{}{}
		other.permit, c.permit = false, true
	}
	if !c.permit {
		c.permit = r.lendLocked()
	}
	if !c.permit {
		r.buffer.addFirstLocked(c)
	}
	start := c.permit
	r.mu.Unlock()
	if start {
		r.start(c)
	}
}
