package middleware_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// slow is a handler that returns what f makes of its context, after d or with its end.
func slow(d time.Duration, f func(context.Context) error) worker.Handler {
	return worker.HandlerFunc(func(ctx context.Context, _ *worker.Message) error {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
		}
		return f(ctx)
	})
}

// stubborn does not heed its context.
func stubborn(d time.Duration, err error) worker.Handler {
	return worker.HandlerFunc(func(context.Context, *worker.Message) error {
		time.Sleep(d)
		return err
	})
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	fails := func(err error) func(context.Context) error { return func(context.Context) error { return err } }
	same := func(ctx context.Context) error { return ctx.Err() }
	snooze := worker.Snooze(time.Minute)
	for name, test := range map[string]struct {
		h       worker.Handler
		takes   time.Duration
		is      error // nil: success
		timeout bool  // errors.Is finds ErrTimeout
		outcome worker.Outcome
	}{
		"in time":             {slow(time.Second, fails(nil)), time.Second, nil, false, worker.Done},
		"fails in time":       {slow(time.Second, fails(errFlaky)), time.Second, errFlaky, false, worker.Failed},
		"deadline of its own": {slow(time.Second, fails(context.DeadlineExceeded)), time.Second, context.DeadlineExceeded, false, worker.Failed},
		"context's error":     {slow(time.Hour, same), time.Minute, context.DeadlineExceeded, true, worker.Failed},
		"context's cause":     {slow(time.Hour, context.Cause), time.Minute, middleware.ErrTimeout, true, worker.Failed},
		"an error of its own": {slow(time.Hour, fails(errFlaky)), time.Minute, errFlaky, true, worker.Failed},
		"RetryAfter":          {slow(time.Hour, fails(worker.RetryAfter(time.Second, errFlaky))), time.Minute, errFlaky, true, worker.Failed},
		"a verdict":           {slow(time.Hour, fails(snooze)), time.Minute, snooze, false, worker.Snoozed},
		"late success":        {stubborn(time.Hour, nil), time.Hour, nil, false, worker.Done},
		"late failure":        {stubborn(time.Hour, errFlaky), time.Hour, errFlaky, true, worker.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				began := time.Now()
				err := middleware.Timeout(time.Minute)(test.h).Handle(t.Context(), &worker.Message{})
				if d := time.Since(began); d != test.takes {
					t.Errorf("Handle took %v, want %v", d, test.takes)
				}
				if !errors.Is(err, test.is) || errors.Is(err, middleware.ErrTimeout) != test.timeout {
					t.Errorf("Handle = %v, want %v in it, ErrTimeout: %v", err, test.is, test.timeout)
				}
				if o := worker.OutcomeOf(t.Context(), err); o != test.outcome {
					t.Errorf("the outcome is %v, want %v", o, test.outcome)
				}
			})
		})
	}
}

func TestTimeoutOfNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for _, d := range []time.Duration{0, -time.Second} {
			h := worker.HandlerFunc(func(ctx context.Context, _ *worker.Message) error {
				if _, ok := ctx.Deadline(); ok {
					t.Errorf("Timeout(%v) sets a deadline", d)
				}
				return errFlaky
			})
			if err := middleware.Timeout(d)(h).Handle(t.Context(), &worker.Message{}); err != errFlaky {
				t.Errorf("Handle = %v, want %v", err, errFlaky)
			}
		}
	})
}

// Another end of the context is not this one's.
func TestTimeoutInADrain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := slow(time.Hour, func(ctx context.Context) error { return ctx.Err() })
		r := onTrial(t, "orders", "orders", 1, middleware.Timeout(time.Hour)(h))
		elapse(time.Minute)
		r.drain()
		r.ended(worker.Released)
		if err := r.handled()[0].Err; errors.Is(err, middleware.ErrTimeout) {
			t.Errorf("handled with %v, want no ErrTimeout", err)
		}
		r.holds("orders", "1", "0")
	})
}

// Each attempt has a time of its own.
func TestTimeoutInsideRetry(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var tried []int
		h := worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			if tried = append(tried, m.Attempts); m.Attempts < 3 {
				<-ctx.Done()
			}
			return ctx.Err()
		})
		mw := worker.Chain(middleware.Retry(by(time.Second, time.Second), inProcess(time.Minute)), middleware.Timeout(10*time.Second))
		began := time.Now()
		if err := mw(h).Handle(t.Context(), &worker.Message{Attempts: 1}); err != nil {
			t.Errorf("Handle = %v", err)
		}
		if len(tried) != 3 || time.Since(began) != 22*time.Second {
			t.Errorf("attempts %v in %v, want 3 in 22s", tried, time.Since(began))
		}
	})
}

// The inner Timeout's cause is the outer's too; it is told once.
func TestTimeoutNested(t *testing.T) {
	bubble(t, func(t *testing.T) {
		mw := worker.Chain(middleware.Timeout(time.Second), middleware.Timeout(time.Minute))
		h := slow(time.Hour, func(ctx context.Context) error { return ctx.Err() })
		err := mw(h).Handle(t.Context(), &worker.Message{})
		if want := "handler timed out: context deadline exceeded"; err == nil || err.Error() != want {
			t.Errorf("Handle = %v, want %s", err, want)
		}
	})
}
