package middleware

import (
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/quayside-go/quayside/worker"
)

// A plan is when one delivery of a message is to be tried again.
type plan struct {
	retry *retry
	again time.Duration
	known bool // again is set: retry has seen the error
}

// innermost is left in each message, as a value, to tell whose plan counts.
type innermost struct{ *plan }

type innermostKey struct{}

// plan makes a plan for m, which counts unless a Retry further in makes another.
func (r *retry) plan(m *worker.Message) *plan {
	p := &plan{retry: r}
	if in, ok := m.Value(innermostKey{}).(*innermost); ok {
		in.plan = p
	} else {
		m.SetValue(innermostKey{}, &innermost{p})
	}
	m.Policy().Retry = p.after
	return p
}

// counts reports whether p is the plan of m's innermost Retry.
func (p *plan) counts(m *worker.Message) bool {
	in, ok := m.Value(innermostKey{}).(*innermost)
	return ok && in.plan == p
}

// after is a worker.Policy's Retry. It is also asked about failures that Retry has not
// seen, or not as such: that of a middleware around it, a panic, or a message that
// cannot be dead-lettered.
func (p *plan) after(m *worker.Message, err error) time.Duration {
	if p.known {
		return p.again
	}
	if d := p.retry.nth(m.Attempts, err); d != backoff.Stop {
		return d
	}
	return worker.Backoff(m, err)
}
