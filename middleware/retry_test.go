package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

func TestRetryComesBackAfterTheBackOff(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newScript(errFlaky, errFlaky, errFlaky, nil)
		r := onTrial(t, "orders", "orders", 1, middleware.Retry(by(7*time.Second, time.Minute, 11*time.Hour))(h))
		elapse(12 * time.Hour)
		h.want(t, 0, 7*time.Second, 67*time.Second, 67*time.Second+11*time.Hour)
		h.tried(t, "1/1", "2/2", "3/3", "4/4")
		r.ended(worker.Failed, worker.Failed, worker.Failed, worker.Done)
		r.holds("orders", "0", "0")
	})
}

func TestRetryByErrorClass(t *testing.T) {
	bubble(t, func(t *testing.T) {
		errSlow := errors.New("slow")
		h := newScript(fmt.Errorf("wrapped: %w", errSlow), errFlaky, nil)
		mw := middleware.Retry(func(o *middleware.RetryOptions) {
			o.BackOff = func(err error) backoff.BackOff {
				if errors.Is(err, errSlow) {
					return backoff.NewConstantBackOff(time.Hour)
				}
				return backoff.NewConstantBackOff(2 * time.Second)
			}
		})
		onTrial(t, "orders", "orders", 1, mw(h))
		elapse(2 * time.Hour)
		h.want(t, 0, time.Hour, time.Hour+2*time.Second)
	})
}

// The least that comes back is what SQS can: a second. The most is what the BackOff says.
func TestRetryDefaultsToExponentialWithFullJitter(t *testing.T) {
	t.Parallel()
	for name, mw := range map[string]worker.Middleware{
		"no option":   middleware.Retry(),
		"nil option":  middleware.Retry(nil),
		"nil BackOff": middleware.Retry(func(o *middleware.RetryOptions) { o.BackOff = func(error) backoff.BackOff { return nil } }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for attempt, limit := range map[int]time.Duration{
				0: time.Second, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 10: 512 * time.Second,
				11: 15 * time.Minute, 1000: 15 * time.Minute, 1 << 60: 15 * time.Minute,
			} {
				var least, most time.Duration = limit, 0
				for range 200 {
					m := &worker.Message{Attempts: attempt}
					if err := mw(newScript(errFlaky)).Handle(t.Context(), m); err != errFlaky {
						t.Fatalf("Handle = %v, want %v", err, errFlaky)
					}
					d := m.Policy().Retry(m, errFlaky)
					least, most = min(least, d), max(most, d)
				}
				if least <= 0 || most > limit || least > limit/4 || most < limit*3/4 {
					t.Errorf("attempt %d comes back after %v to %v, want random times up to %v", attempt, least, most, limit)
				}
			}
		})
	}
}

// The delay that Retry has decided on is drawn once, however often it is asked for.
func TestRetryDecidesOnce(t *testing.T) {
	t.Parallel()
	m := &worker.Message{Attempts: 20}
	if err := middleware.Retry()(newScript(errFlaky)).Handle(t.Context(), m); err != errFlaky {
		t.Fatal(err)
	}
	first := m.Policy().Retry(m, errFlaky)
	for range 10 {
		if d := m.Policy().Retry(m, errors.New("another")); d != first {
			t.Fatalf("Policy.Retry = %v, then %v", first, d)
		}
	}
}

func TestRetryBoundsItsCallsOfTheBackOff(t *testing.T) {
	t.Parallel()
	n := 0
	mw := middleware.Retry(func(o *middleware.RetryOptions) {
		o.BackOff = func(error) backoff.BackOff { n = 5; return counting{&n} }
	})
	for attempts, want := range map[int]int{-1: 1, 0: 1, 1: 1, 7: 7, 999: 999, 1000: 1000, 1 << 60: 1000} {
		m := &worker.Message{Attempts: attempts}
		mw(newScript(errFlaky)).Handle(t.Context(), m)
		if n != want || m.Policy().Retry(m, errFlaky) != time.Duration(want)*time.Second {
			t.Errorf("attempt %d: %d calls, want %d", attempts, n, want)
		}
	}
}

// counting is a BackOff that has to be Reset, as backoff says it must.
type counting struct{ n *int }

func (c counting) Reset()                     { *c.n = 0 }
func (c counting) NextBackOff() time.Duration { *c.n++; return time.Duration(*c.n) * time.Second }

func TestRetryStopsWithDeadLetter(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mw    worker.Middleware
		err   error
		calls int
	}{
		"Stop":             {middleware.Retry(by(time.Second, time.Second)), errFlaky, 3},
		"Stop at once":     {middleware.Retry(by()), errFlaky, 1},
		"WithMaxRetries":   {middleware.Retry(func(o *middleware.RetryOptions) { o.BackOff = twice }), errFlaky, 3},
		"in process":       {middleware.Retry(by(time.Second, time.Second), inProcess(time.Minute)), errFlaky, 3},
		"Permanent":        {middleware.Retry(), backoff.Permanent(errFlaky), 1},
		"Permanent inside": {middleware.Retry(inProcess(time.Minute)), fmt.Errorf("deep: %w", backoff.Permanent(errFlaky)), 1},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newScript(test.err)
				r := onTrial(t, "orders -> orders-dlq", "orders", 1, test.mw(h))
				elapse(time.Minute)
				if len(h.at) != test.calls {
					t.Errorf("%d calls, want %d", len(h.at), test.calls)
				}
				es := r.handled()
				if last := es[len(es)-1]; last.Outcome != worker.DeadLettered || !errors.Is(last.Err, errFlaky) {
					t.Errorf("the last ended %v with %v, want dead-lettered with %v", last.Outcome, last.Err, errFlaky)
				}
				r.holds("orders", "0", "0")
				r.holds("orders-dlq", "1", "0")
			})
		})
	}
}

func twice(error) backoff.BackOff {
	return backoff.WithMaxRetries(backoff.NewConstantBackOff(time.Second), 2)
}

// Without a dead-letter queue, what has stopped comes back like what has no Retry.
func TestRetryStopsWithoutDeadLetterQueue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newScript(errFlaky, nil)
		r := onTrial(t, "orders", "orders", 1, middleware.Retry(by())(h))
		elapse(2 * time.Second)
		h.want(t, 0, time.Second) // a random part of the first second, rounded up
		r.ended(worker.Failed, worker.Done)
	})
}

// What is permanent comes back by the BackOff then, if that has not stopped.
func TestRetryPermanentWithoutDeadLetterQueue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newScript(backoff.Permanent(errFlaky), nil)
		onTrial(t, "orders", "orders", 1, middleware.Retry(by(time.Hour), inProcess(2*time.Hour))(h))
		elapse(2 * time.Hour)
		h.want(t, 0, time.Hour)
	})
}

func TestRetryNegativeDelayLeavesItToTheVisibilityTimeout(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newScript(errFlaky, nil)
		r := onTrial(t, "orders -> orders-dlq", "orders", 1, middleware.Retry(by(-time.Second), inProcess(time.Minute))(h))
		elapse(time.Minute)
		h.want(t, 0, 30*time.Second) // the queue's
		r.ended(worker.Failed, worker.Done)
	})
}

// One Stop is the end, whatever the BackOff would say later.
func TestRetryStopIsForEver(t *testing.T) {
	t.Parallel()
	h := middleware.Retry(by(time.Second, backoff.Stop, time.Second))(newScript(errFlaky))
	for attempts, want := range map[int]worker.Outcome{1: worker.Failed, 2: worker.DeadLettered, 3: worker.DeadLettered} {
		err := h.Handle(t.Context(), &worker.Message{Attempts: attempts})
		if o := worker.OutcomeOf(t.Context(), err); o != want {
			t.Errorf("attempt %d: Handle = %v (%v), want %v", attempts, err, o, want)
		}
	}
}

func TestRetryBackOffThatPanics(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]func(error) backoff.BackOff{
		"BackOff":     func(error) backoff.BackOff { panic("no delay") },
		"NextBackOff": func(error) backoff.BackOff { return backoff.WithContext(nilBackOff{}, context.Background()) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newScript(errFlaky, nil)
				r := onTrial(t, "orders", "orders", 1, middleware.Retry(func(o *middleware.RetryOptions) { o.BackOff = b })(h))
				elapse(2 * time.Second)
				h.want(t, 0, time.Second)
				r.ended(worker.Failed, worker.Done)
				var p *worker.PanicError
				if err := r.handled()[0].Err; !errors.Is(err, errFlaky) || !errors.As(err, &p) || p.Value != "no delay" {
					t.Errorf("the first failed with %v, want %v and the panic", err, errFlaky)
				}
			})
		})
	}
}

type nilBackOff struct{}

func (nilBackOff) Reset()                     {}
func (nilBackOff) NextBackOff() time.Duration { panic("no delay") }

// Errors that are outcomes do not pass by the BackOff, however deep they are.
func TestRetryLeavesVerdictsAlone(t *testing.T) {
	t.Parallel()
	asked := func(o *middleware.RetryOptions) {
		o.BackOff = func(err error) backoff.BackOff { panic(fmt.Sprint("asked about ", err)) }
		o.InProcess = time.Hour
	}
	for name, verdict := range map[string]error{
		"nil":        nil,
		"Snooze":     worker.Snooze(time.Second),
		"RetryAfter": worker.RetryAfter(time.Second, errFlaky),
		"Discard":    worker.Discard(errFlaky),
		"DeadLetter": worker.DeadLetter(errFlaky),
		"Decode":     &worker.DecodeError{Type: "order", Err: errFlaky},
		"Permanent":  worker.RetryAfter(time.Second, backoff.Permanent(errFlaky)),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				for depth, want := range []error{verdict, wrapped(verdict), errors.Join(errFlaky, verdict)} {
					if verdict == nil && depth > 0 {
						continue
					}
					h := newScript(want)
					if got := middleware.Retry(asked)(h).Handle(t.Context(), &worker.Message{Attempts: 1}); got != want || len(h.at) != 1 {
						t.Errorf("Handle = %v after %d calls, want %v after 1", got, len(h.at), want)
					}
				}
			})
		})
	}
}

func wrapped(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("wrapped: %w", err)
}
