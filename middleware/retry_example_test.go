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

// A bank that is closed is asked again in an hour. All else is tried three times, at
// intervals of a millisecond, without going back to the queue.
func ExampleRetry() {
	errClosed := errors.New("the bank is closed")
	retry := middleware.Retry(func(o *middleware.RetryOptions) {
		o.BackOff = func(err error) backoff.BackOff {
			if errors.Is(err, errClosed) {
				return backoff.NewConstantBackOff(time.Hour)
			}
			return backoff.WithMaxRetries(backoff.NewConstantBackOff(time.Millisecond), 2)
		}
		o.InProcess = time.Second
	})
	pay := retry(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		fmt.Println("attempt", m.Attempts, "at", m.Body)
		if m.Body == "rent" {
			return errClosed
		}
		return errors.New("no connection")
	}))

	// In a program: worker.New(client, "bills", pay).Run(ctx)
	for _, body := range []string{"rent", "water"} {
		m := &worker.Message{Body: body, Attempts: 1}
		err := pay.Handle(context.Background(), m)
		if worker.OutcomeOf(context.Background(), err) == worker.Failed {
			fmt.Println(err, "- again in", m.Policy().Retry(m, err))
		} else {
			fmt.Println(err)
		}
	}
	// Output:
	// attempt 1 at rent
	// the bank is closed - again in 1h0m0s
	// attempt 1 at water
	// attempt 2 at water
	// attempt 3 at water
	// dead-letter: no connection
}

// Without options, what comes back does so after a random time, which may be twice as
// long after each attempt.
func ExampleRetry_default() {
	h := middleware.Retry()(worker.HandlerFunc(func(context.Context, *worker.Message) error {
		return errors.New("no connection")
	}))
	for _, attempts := range []int{1, 4, 20} {
		m := &worker.Message{Attempts: attempts}
		err := h.Handle(context.Background(), m)
		limit := min(time.Second<<(attempts-1), 15*time.Minute)
		d := m.Policy().Retry(m, err)
		fmt.Println("attempt", attempts, "up to", limit, 0 < d && d <= limit)
	}
	// Output:
	// attempt 1 up to 1s true
	// attempt 4 up to 8s true
	// attempt 20 up to 15m0s true
}
