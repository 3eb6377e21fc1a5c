package naive

import "github.com/quayside-go/quayside/localqueue/internal/engine"

func (q *queue) Next(now engine.Time) engine.Time {
	q.advance(now)
	next := engine.Never
	if m := q.due.top(); m != nil {
		next = m.ready
	}
	if m := q.ages.top(); m != nil && q.counts[inFlight] > 0 {
		next = min(next, q.expiry(m))
	}
	return next
}
