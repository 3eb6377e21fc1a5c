package onlambda

import (
	"cmp"
	"context"
	"time"
)

const (
	minMargin = 500 * time.Millisecond
	maxMargin = 5 * time.Second
)

// times says when a batch is to end.
type times struct {
	stop   time.Time // nothing is begun, and handlers are cancelled; zero: there is no such time
	margin time.Duration
}

func (o *Options) timeOf(ctx context.Context, now time.Time) times {
	deadline, ok := ctx.Deadline()
	if !ok {
		return times{margin: cmp.Or(o.Margin, maxMargin)}
	}
	left := deadline.Sub(now)
	m := cmp.Or(o.Margin, min(max(left/10, minMargin), maxMargin))
	m = max(min(m, left/2), 0)
	return times{deadline.Add(-m), m}
}

// ofRequests returns a context that leaves a quarter of the margin for the response.
func (t times) ofRequests(ctx context.Context) (context.Context, context.CancelFunc) {
	if t.stop.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, t.stop.Add(t.margin*3/4))
}

// ofHandlers returns a context that tells when it will be cancelled.
func (t times) ofHandlers(ctx context.Context) context.Context {
	if t.stop.IsZero() {
		return ctx
	}
	return timed{ctx, t.stop}
}

type timed struct {
	context.Context
	at time.Time
}

func (c timed) Deadline() (time.Time, bool) { return c.at, true }

// up returns a channel on which something comes at t.stop.
func (t times) up() (<-chan time.Time, func() bool) {
	if t.stop.IsZero() {
		return nil, func() bool { return false }
	}
	timer := time.NewTimer(time.Until(t.stop))
	return timer.C, timer.Stop
}
