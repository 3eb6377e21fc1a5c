package killtest_test

import (
	"fmt"
	"slices"
	"time"
)

// attempt is a receive with a ReceiveRequestAttemptId, to be repeated: for five minutes
// the id stands for what the receive took.
type attempt struct {
	id      string
	begin   instant
	visible time.Duration
	took    []*delivery // nil: it was not answered
}

// newAttempt is a receive of q that can be repeated, or, at times, one that was made before,
// and the changes of visibility that its repetition may make. The book's lock is held.
func (w *worker) newAttempt(q *queue, o *op, visible time.Duration) (a *attempt, repeated []*change) {
	if !q.fifo || w.resting.Load() || chance(w.rng, 50) {
		return nil, nil
	}
	q.attempts = slices.DeleteFunc(q.attempts, func(a *attempt) bool { return o.begin > a.begin+dedupWindow-time.Minute })
	n := len(q.attempts)
	if n == 0 || chance(w.rng, 40) {
		return &attempt{id: fmt.Sprintf("a%d-%d", w.life.number, w.rng.Uint64()), begin: o.begin, visible: visible}, nil
	}
	i := n - 1 // mostly the latest, which is more likely to stand
	if chance(w.rng, 30) {
		i = w.rng.IntN(n)
	}
	a = q.attempts[i]
	q.attempts = slices.Delete(q.attempts, i, i+1) // nobody else repeats it meanwhile
	for _, d := range a.took {
		c := &change{op: w.entry(o), count: d.count, stay: d.stay, visible: visible}
		d.message.changes = append(d.message.changes, c)
		repeated = append(repeated, c)
	}
	return a, repeated
}

// stands reports whether a repetition has to be answered with what a took. The book's
// lock is held.
func (a *attempt) stands(repeated []*change) bool {
	for i, d := range a.took {
		m := d.message
		if m.last() != d || m.presence() != certain || d.stay != len(m.past) || d.queue.leaky {
			return false
		}
		for _, c := range m.changes {
			if c.count == d.count && c.stay == d.stay && c != repeated[i] && !c.again && c.fate != refused {
				return false
			}
		}
		for _, o := range slices.Concat(d.queue.under, d.queue.missed) {
			if o.latest() > d.op.begin { // it may have received the message again
				return false
			}
		}
	}
	return len(a.took) > 0
}

// repeat finds the delivery that d repeats among what was taken before, nil if it is a
// new one. In another life of the server the handle may have another text; the one
// before stays good.
func (a *attempt) repeat(d *delivery) *delivery {
	if a == nil {
		return nil
	}
	for _, x := range a.took {
		if x.message == d.message && x.stay == d.stay && x.count == d.count && (x.handle == d.handle || x.op.life != d.op.life) {
			return x
		}
	}
	return nil
}

// concluded notes what a repetition came to: all is what was received. The book's lock
// is held.
func (w *worker) concluded(q *queue, o *op, a *attempt, repeated []*change, stood bool, all []*delivery) {
	for i, c := range repeated {
		c.end, c.fate, c.again = o.end, o.fate, true
		if o.fate == done && !slices.Contains(all, a.took[i]) {
			c.fate = refused // it was a receive like any other
		}
	}
	if stood && o.fate == done && a.stands(repeated) && !slices.Equal(all, a.took) {
		w.book.faultf("the receive %s of %s was repeated, and got %s instead of %s\n\t%s", a.id, q.name, handles(all), handles(a.took), o)
	}
	if o.fate == done {
		a.took = all
	}
	if o.fate == lost || len(all) > 0 {
		q.attempts = append(q.attempts[max(0, len(q.attempts)-20):], a)
	}
}

// handles tells deliveries apart.
func handles(all []*delivery) string {
	var s []string
	for _, d := range all {
		s = append(s, fmt.Sprintf("m%d (receive %d)", d.message.token, d.count))
	}
	return fmt.Sprint(s)
}
