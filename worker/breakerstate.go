package worker

import "time"

// count has the result of m change the state. b.mu must be held.
func (b *Breaker) count(m *Message, err error, failed bool) {
	old := !m.lease.polled.IsZero() && m.lease.polled.Add(m.after).Before(b.since)
	switch {
	case b.state == BreakerOpen:
	case b.state == BreakerHalfOpen && old:
		if b.out == 0 {
			b.fruitless() // an earlier return was that of the one let through
		}
	case b.state == BreakerHalfOpen && failed:
		b.open(min(2*b.coolDown, b.opts.MaxCoolDown), err)
	case b.state == BreakerHalfOpen && err == nil:
		b.become(BreakerClosed, nil)
	case b.state == BreakerHalfOpen:
		b.fruitless()
	case !old && (failed || err == nil):
		if b.results.add(failed); failed && b.results.failures >= b.opts.Failures {
			b.open(b.opts.CoolDown, err)
		}
	}
}

// fruitless lets the next message go in place of one that came to nothing: at
// once if nothing is under way, otherwise after another cool-down, as it may have
// been another one. b.mu must be held.
func (b *Breaker) fruitless() {
	switch {
	case b.state != BreakerHalfOpen || !b.probing:
		return
	case b.out == 0:
		b.probing = false
	case b.again.IsZero():
		b.again = time.Now().Add(b.coolDown)
	}
	b.move()
}

// open opens b for d. b.mu must be held.
func (b *Breaker) open(d time.Duration, err error) {
	b.coolDown, b.until = d, time.Now().Add(d)
	b.become(BreakerOpen, err)
}

// become changes the state. b.mu must be held, and tell be called later.
func (b *Breaker) become(s BreakerState, err error) {
	b.state = s
	b.results.clear()
	if b.opts.OnChange != nil {
		b.untold = append(b.untold, stateChange{s, err})
	}
	b.move()
}

// move has every Take that waits look again. b.mu must be held.
func (b *Breaker) move() {
	close(b.moved)
	b.moved = make(chan struct{})
}

// tell calls OnChange for what it was not told yet. While one goroutine does so,
// others leave it to that one.
func (b *Breaker) tell() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for !b.telling && len(b.untold) > 0 {
		c := b.untold[0]
		b.untold = b.untold[1:]
		b.telling = true
		b.mu.Unlock()
		b.opts.OnChange(c.state, c.err)
		b.mu.Lock()
		b.telling = false
	}
}

// resultRing holds the last results, as many as failed has room for.
type resultRing struct {
	failed   []bool // a ring; what it does not hold yet has not failed
	next     int
	failures int
}

func (r *resultRing) add(failed bool) {
	if r.failed[r.next] {
		r.failures--
	}
	if failed {
		r.failures++
	}
	r.failed[r.next] = failed
	r.next = (r.next + 1) % len(r.failed)
}

func (r *resultRing) clear() {
	clear(r.failed)
	r.next, r.failures = 0, 0
}
