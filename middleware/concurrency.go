package middleware

import (
	"context"
	"fmt"

	"github.com/quayside-go/quayside/worker"
)

// Concurrency returns a middleware that lets at most n handlers run at once, of all
// that this one value is around: of one route of a [worker.Mux], or of several that
// share what they use. The others wait for their turn, in the order in which they came.
//
// A message that waits keeps its lease and one of the worker's permits, so messages of
// other routes may have to wait behind it; worker.Options.Concurrency should leave
// them room. To limit all that a worker does, set that instead, or use a gate, for
// instance worker.PerKey: then what has to wait is not received.
//
// One value must not be around a handler twice: a message would wait for itself.
//
// When its context ends while it waits, a message gets no further, and fails with
// the context's cause: by a drain it is [worker.Released].
//
// n must be 1 or more. If it is not, every message fails with an error that says so,
// as in a Mux, without a call of its handler.
func Concurrency(n int) worker.Middleware {
	if n < 1 {
		err := fmt.Errorf("middleware: Concurrency: n is %d, want 1 or more", n)
		return func(worker.Handler) worker.Handler {
			return worker.HandlerFunc(func(context.Context, *worker.Message) error { return err })
		}
	}
	turns := make(chan struct{}, n) // the runtime lets those in first who came first
	return func(next worker.Handler) worker.Handler {
		return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			select {
			case turns <- struct{}{}:
				defer func() { <-turns }()
			case <-ctx.Done():
			}
			if ctx.Err() != nil { // maybe both
				return context.Cause(ctx)
			}
			return next.Handle(ctx, m)
		})
	}
}
