package middleware

import (
	"context"
	"errors"

	"github.com/quayside-go/quayside/worker"
)

// DeadLetter returns a middleware that has the worker move a message to the queue's
// dead-letter queue ([worker.DeadLetter]) instead of trying it again, if its handler
// has failed
//
//   - at the after-th attempt or a later one ([worker.Message].Attempts). With 0 or less
//     there is no limit by attempts;
//   - or with an error for which one of when returns true. They are called by many
//     goroutines at once.
//
// Attempts that a [Retry] further in makes in process do not come by here: they end with
// its BackOff, backoff.WithMaxRetries for instance.
//
// So it needs no receives, which SQS's redrive policy counts, and releases and snoozes
// do not count either. worker.RetryAfter is a failure like any other here. What is
// worker.Snooze, Discard, DeadLetter or [worker.Released] is left alone, and so are
// panics: put [Recover] inside.
//
// The copy in the dead-letter queue has the message's body, attributes and trace
// context, and one attribute more, "Quayside.DeadLetter", if it has nine at most. That
// is a JSON object with the error's text ("reason"), "attempts", "receives", the times
// "sent_at", "first_received_at" and "moved_at", and the message's "queue" and
// "message_id". On a queue without a dead-letter queue, and when that does not take the
// copy, the message has failed like any other, and comes back.
//
// After a panic in one of when, the message has failed because of that too, and the
// others are not asked.
func DeadLetter(after int, when ...func(error) bool) worker.Middleware {
	return func(next worker.Handler) worker.Handler {
		return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			err := next.Handle(ctx, m)
			if worker.OutcomeOf(ctx, err) != worker.Failed {
				return err
			}
			if after > 0 && m.Attempts >= after {
				return worker.DeadLetter(err)
			}
			dead, panicked := anyOf(when, err)
			if panicked != nil {
				return errors.Join(err, panicked)
			}
			if dead {
				return worker.DeadLetter(err)
			}
			return err
		})
	}
}

// anyOf reports whether one of when says so of failed. The error is a panic of theirs.
func anyOf(when []func(error) bool, failed error) (dead bool, err error) {
	err = rescued(func() {
		for _, f := range when {
			if dead = f != nil && f(failed); dead {
				return
			}
		}
	})
	return dead, err
}
