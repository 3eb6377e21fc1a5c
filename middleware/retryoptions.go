package middleware

import (
	"time"

	"github.com/cenkalti/backoff/v4"
)

// RetryOptions are what [Retry]'s functions may change.
type RetryOptions struct {
	// BackOff returns the delays for failures of the same class as err, which it can
	// tell with errors.Is and errors.As. It is called for each failure, by many
	// goroutines at once, and has to return a BackOff that nobody else uses: that is
	// Reset, and what its NextBackOff returns at the n-th call is the delay after the
	// n-th attempt. No more than 1,000 calls are made: later attempts have the delay of
	// the 1,000th.
	//
	// With backoff.Stop there is no further attempt: the message fails with
	// [worker.DeadLetter]. Any other negative delay leaves it to come back when its
	// visibility timeout ends. Nil is the default, [Exponential](0, 0), be it BackOff
	// itself or what it returns. After a panic in it, the message fails because of
	// that too, and comes back as by [worker.Backoff].
	//
	// A backoff.ExponentialBackOff returns Stop for a delay that is longer than its
	// MaxElapsedTime, 15 minutes by default; nothing else of MaxElapsedTime has a
	// meaning here, so it should be 0.
	BackOff func(err error) backoff.BackOff

	// InProcess is how long one delivery of a message may wait here for further
	// attempts, all its delays together. It keeps its lease and its permit meanwhile.
	// An attempt that is due later is left to SQS. Default, and meaning of less: 0, all
	// are.
	InProcess time.Duration
}

// Defaults of Exponential.
const (
	defaultInitial = time.Second
	defaultMax     = 15 * time.Minute
)

// Exponential returns delays with full jitter: the first is random, up to initial, and so
// are the others, whose upper limit is twice as much each time, up to max. Of 0 or less,
// initial is one second and max 15 minutes; both are a millisecond at least and SQS's 12
// hours at most, and max counts where initial is more. It never stops.
func Exponential(initial, max time.Duration) backoff.BackOff {
	if initial <= 0 {
		initial = defaultInitial
	}
	if max <= 0 {
		max = defaultMax
	}
	initial, max = clamp(initial), clamp(max)
	return backoff.NewExponentialBackOff( // around the middle: by all of it, up or down
		backoff.WithInitialInterval(min(initial, max)/2), backoff.WithMaxInterval(max/2),
		backoff.WithMultiplier(2), backoff.WithRandomizationFactor(1), backoff.WithMaxElapsedTime(0),
	)
}

func clamp(d time.Duration) time.Duration { return min(max(d, time.Millisecond), 12*time.Hour) }
