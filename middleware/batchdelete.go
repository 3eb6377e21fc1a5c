package middleware

import (
	"context"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// BatchDelete returns a middleware that sets how long the delete of a message that is
// done may wait for the deletes of others, ten of which share a request: within, in
// place of the worker's own setting (worker.Policy.DeleteWithin; 100 ms by default).
// With 0 or less it does not wait, and neither while no other handler of the worker runs
// and no delete is under way. More saves requests where others run longer; should the
// process die meanwhile, the message is handled a second time.
//
// Of several around a handler the innermost counts.
func BatchDelete(within time.Duration) worker.Middleware {
	return func(next worker.Handler) worker.Handler {
		return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			m.Policy().DeleteWithin = max(within, 0)
			return next.Handle(ctx, m)
		})
	}
}
