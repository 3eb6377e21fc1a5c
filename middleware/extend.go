package middleware

import (
	"context"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// ExtendVisibility returns a middleware that sets how long a handler may hold its
// message, from its start, in place of worker.Options.MaxLease: for so long the worker
// extends the message's visibility timeout, and then it cancels the handler's context
// with [worker.ErrMaxLease]. With 0 or less nothing is extended, and the handler has as
// long as the queue's visibility timeout, less a little; and no less with a max below
// that, which is no time limit: [Timeout] is. SQS allows 12 hours since the receive at
// most.
//
// It is made of [worker.Message.LimitLease]. Of several around a handler the innermost
// counts.
func ExtendVisibility(max time.Duration) worker.Middleware {
	return func(next worker.Handler) worker.Handler {
		return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			m.LimitLease(max)
			return next.Handle(ctx, m)
		})
	}
}
