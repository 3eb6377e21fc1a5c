package middleware

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// ErrTimeout is the cause (context.Cause) with which the context of a handler ends when
// its [Timeout] is over, and what errors.Is finds in the failure that follows.
var ErrTimeout = errors.New("handler timed out")

// Timeout returns a middleware that cancels the handler's context with [ErrTimeout]
// when it has run for d. With 0 or less there is no limit.
//
// The handler has to heed its context: it is waited for, however long it takes, and what
// it returns counts. If it succeeds, even late, the message is done. If it fails after
// its time was over, whatever with, the failure is that error and ErrTimeout in one.
// What is no failure (worker.Discard, DeadLetter, Snooze) is left as it is.
func Timeout(d time.Duration) worker.Middleware {
	return func(next worker.Handler) worker.Handler {
		if d <= 0 {
			return next
		}
		return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			ctx, cancel := context.WithTimeoutCause(ctx, d, ErrTimeout)
			defer cancel()
			err := next.Handle(ctx, m)
			if context.Cause(ctx) != ErrTimeout || worker.OutcomeOf(ctx, err) != worker.Failed || errors.Is(err, ErrTimeout) {
				return err
			}
			return fmt.Errorf("%w: %w", ErrTimeout, err)
		})
	}
}
