package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// narrated returns a middleware that prints what goes through it.
func narrated(name string) worker.Middleware {
	return func(next worker.Handler) worker.Handler {
		return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			fmt.Println(name, "begins")
			err := next.Handle(ctx, m)
			fmt.Println(name, "sees:", err)
			return err
		})
	}
}

// The first middleware is the outermost, and middleware composes: a chain is one too.
func Example_order() {
	inner := worker.Chain(narrated("second"), narrated("third"))
	h := worker.Chain(narrated("first"), inner)(worker.HandlerFunc(func(context.Context, *worker.Message) error {
		fmt.Println("the handler")
		return nil
	}))
	h.Handle(context.Background(), &worker.Message{})
	// Output:
	// first begins
	// second begins
	// third begins
	// the handler
	// third sees: <nil>
	// second sees: <nil>
	// first sees: <nil>
}

// The order that works, shown by an attempt that panics, one that times out and one that
// fails: Recover is next to the handler, so that a panic is an error to all others; Timeout
// inside Retry, so that each attempt has its own; DeadLetter outside Retry, so that it
// decides on the last word only.
func Example_recommendedOrder() {
	retry := middleware.Retry(func(o *middleware.RetryOptions) {
		o.BackOff = func(error) backoff.BackOff { return backoff.NewConstantBackOff(time.Millisecond) }
		o.InProcess = 2 * time.Millisecond // two waits, three attempts
	})
	h := worker.Chain(
		narrated("outside"),
		middleware.DeadLetter(3),
		retry,
		narrated("inside"),
		middleware.Timeout(20*time.Millisecond),
		middleware.Recover(),
	)(worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
		switch m.Attempts {
		case 1:
			panic("no map")
		case 2:
			<-ctx.Done()
			return ctx.Err()
		}
		return errors.New("no connection")
	}))
	h.Handle(context.Background(), &worker.Message{Attempts: 1})
	// Output:
	// outside begins
	// inside begins
	// inside sees: handler panicked: no map
	// inside begins
	// inside sees: handler timed out: context deadline exceeded
	// inside begins
	// inside sees: no connection
	// outside sees: dead-letter: no connection
}
