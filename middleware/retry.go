package middleware

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/quayside-go/quayside/worker"
)

// Retry returns a middleware that says when a message whose handler has failed is
// tried again, by how often it was tried ([worker.Message].Attempts) and by the class of
// the error. By default that is after a random time of up to 1 second, 2, 4 and so on,
// up to 15 minutes, whatever the error; see [RetryOptions].
//
//	middleware.Retry(func(o *middleware.RetryOptions) {
//		o.BackOff = func(err error) backoff.BackOff {
//			if errors.Is(err, errThrottled) {
//				return middleware.Exponential(time.Minute, time.Hour)
//			}
//			return backoff.WithMaxRetries(middleware.Exponential(time.Second, time.Minute), 8)
//		}
//		o.InProcess = 2 * time.Second
//	})
//
// The message goes back to SQS, hidden until then: for 12 hours since its receive at
// most, in whole seconds, rounded up. With InProcess, short delays are waited for here
// instead, under the lease that the message has. That costs no receive. Each attempt
// made here counts one more in Attempts, until the message is received again: then it
// is what the worker makes of the receives. All that Retry is around is called again,
// with Policy as it was; what is around Retry, and the worker, see the last error only.
// The wait ends early with the handler's context, and then there is no other attempt: by
// a drain the message is [worker.Released], otherwise it has failed. No wait is begun
// that the context's deadline would end.
//
// An error for which there is no further attempt, as the BackOff has stopped or it is
// a *backoff.PermanentError, becomes [worker.DeadLetter]. On a queue without a
// dead-letter queue such a message comes back after the BackOff's delay or, where that
// has stopped, as by [worker.Backoff]. Errors that say themselves what becomes of
// the message (worker.Snooze, RetryAfter, Discard, DeadLetter, *worker.DecodeError)
// are left alone, and so are panics; put [Recover] inside to have them retried here.
//
// Of several Retries around a handler, the innermost alone counts. A handler that sets
// Policy().Retry itself has the last word on when a message comes back from SQS, and on
// nothing else here.
func Retry(opts ...func(*RetryOptions)) worker.Middleware {
	var o RetryOptions
	for _, f := range opts {
		if f != nil {
			f(&o)
		}
	}
	return func(next worker.Handler) worker.Handler { return &retry{o, next} }
}

type retry struct {
	RetryOptions
	next worker.Handler
}

const (
	// mostDelays is how many delays of a BackOff are asked for: as many as SQS's
	// maxReceiveCount allows receives.
	mostDelays = 1000

	// leastWait is what a wait takes, and counts, at least. A BackOff of zeros would
	// never use up InProcess.
	leastWait = time.Millisecond
)

// Handle calls the next handler, once and as often as is to be retried here.
func (r *retry) Handle(ctx context.Context, m *worker.Message) error {
	p := r.plan(m)
	policy := *m.Policy()
	for left := r.InProcess; ; {
		err := r.next.Handle(ctx, m)
		if !p.counts(m) || worker.OutcomeOf(ctx, err) != worker.Failed || worker.Decides(err) {
			return err
		}
		if errors.As(err, new(*backoff.PermanentError)) {
			return worker.DeadLetter(err)
		}
		again, err := r.delay(m, err)
		if again == backoff.Stop {
			return worker.DeadLetter(err)
		}
		p.again, p.known = again, true
		wait := max(again, leastWait)
		if again < 0 || wait > left || !lasts(ctx, wait) {
			return err
		}
		if !sleep(ctx, wait) {
			return fmt.Errorf("%w (while it waited to be tried again: %w)", err, context.Cause(ctx))
		}
		left -= wait
		p.known = false
		*m.Policy() = policy
		m.Attempts = max(m.Attempts, 1) + 1 // a message that no worker received may say nothing
	}
}

// delay returns what the BackOff for err says about the last attempt. If that panics,
// it also returns err with the panic.
func (r *retry) delay(m *worker.Message, err error) (time.Duration, error) {
	var d time.Duration
	if p := rescued(func() { d = r.nth(m.Attempts, err) }); p != nil {
		err = errors.Join(err, p)
		return worker.Backoff(m, err), err
	}
	return d, err
}

// nth returns the n-th delay for err.
func (r *retry) nth(n int, err error) time.Duration {
	var b backoff.BackOff
	if r.BackOff != nil {
		b = r.BackOff(err)
	}
	if b == nil {
		b = Exponential(0, 0)
	}
	b.Reset()
	d := b.NextBackOff()
	for i := 1; i < min(n, mostDelays) && d != backoff.Stop; i++ {
		d = b.NextBackOff()
	}
	return d
}

// lasts reports whether ctx has not ended, and has no deadline within d.
func lasts(ctx context.Context, d time.Duration) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() == nil && (!ok || time.Until(end) > d)
}

// sleep waits for d. It reports false if ctx has ended by then.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}
