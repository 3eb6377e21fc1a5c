package worker

import (
	"context"
	"time"
)

// extend sees to it that the next message of c has at least half of the queue's
// visibility timeout to itself. The messages of a chain were received together,
// and those that ran before it may have used up the time. If so, the timeout of
// everything that still waits in c begins anew, by one request. What could not
// be extended, and what is behind it, is released: it would be running while
// SQS delivers it to others.
func (r *run) extend(c *chain) {
	r.mu.Lock()
	if !c.begun || len(c.waiting) == 0 || !r.extendable(c.waiting[0]) {
		r.mu.Unlock()
		return
	}
	ms := c.take() // meanwhile they are not there for a drain to release
	r.mu.Unlock()

	n, why := r.renew(ms), errNotExtended
	r.mu.Lock()
	if r.draining {
		n, why = 0, ErrDraining
		r.counts.Released += len(ms)
	}
	c.waiting = ms[:n:n]
	r.mu.Unlock()
	r.giveBack(ms[n:], why)
}

// extendable reports whether the visibility timeout of m has come to its second
// half, but not to its end.
func (r *run) extendable(m *Message) bool {
	left := time.Until(m.expires)
	return left > 0 && left < r.queue.visibility/2
}

// renew has the visibility timeouts of ms begin anew and returns for how many of
// them, from the first on, SQS has confirmed that. It ends early if a drain
// begins, which wants them released.
func (r *run) renew(ms []*Message) (n int) {
	ctx, cancel := context.WithTimeout(r.polling, min(settleTimeout, time.Until(ms[0].expires)))
	defer cancel()
	now := time.Now()
	es := make([]entry, len(ms))
	for i, m := range ms {
		es[i] = newChange(m, now.Add(r.queue.visibility))
	}
	answer, err := r.change(ctx, es)
	errs := answer.errors(len(es), err)
	for n < len(ms) && errs[n] == nil {
		ends := now.Add(time.Duration(seconds(es[n], now)) * time.Second)
		ms[n].lasts, ms[n].expires = ends, ends
		n++
	}
	return n
}
