package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/cenkalti/backoff/v4"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

func TestRetryInProcess(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newScript(errFlaky, errFlaky, errFlaky, nil)
		mw := middleware.Retry(by(time.Second, 2*time.Second, 4*time.Second), inProcess(5*time.Second))
		r := onTrial(t, "orders", "orders", 1, mw(h))
		elapse(time.Minute)
		// The third delay, together with those before it, is more than 5 s. The second
		// receive is the second attempt, as far as the worker knows.
		h.want(t, 0, time.Second, 3*time.Second, 7*time.Second)
		h.tried(t, "1/1", "2/1", "3/1", "2/2")
		r.ended(worker.Failed, worker.Done)
		if n := r.requests("ChangeMessageVisibilityBatch"); n != 1 {
			t.Errorf("%d changes of visibility, want 1", n)
		}
	})
}

// A wait keeps the lease, far beyond the visibility timeout.
func TestRetryInProcessUnderTheLease(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newScript(errFlaky, nil)
		r := onTrial(t, "orders", "orders", 1, middleware.Retry(by(time.Hour), inProcess(time.Hour))(h))
		elapse(time.Hour - 1)
		r.holds("orders", "0", "1")
		h.want(t, 0)
		elapse(time.Second)
		h.want(t, 0, time.Hour)
		h.tried(t, "1/1", "2/1")
		r.ended(worker.Done)
		r.holds("orders", "0", "0")
	})
}

// A BackOff of zeros must not turn for ever.
func TestRetryInProcessWithoutDelayEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newScript(errFlaky)
		m := &worker.Message{Attempts: 1}
		mw := middleware.Retry(inProcess(10*time.Millisecond), func(o *middleware.RetryOptions) {
			o.BackOff = func(error) backoff.BackOff { return new(backoff.ZeroBackOff) }
		})
		if err := mw(h).Handle(t.Context(), m); err != errFlaky || len(h.at) != 11 || m.Attempts != 11 {
			t.Errorf("Handle = %v after %d calls, attempt %d; want %v after 11, attempt 11", err, len(h.at), m.Attempts, errFlaky)
		}
		if d := m.Policy().Retry(m, errFlaky); d != 0 {
			t.Errorf("Policy.Retry = %v, want 0, as the BackOff says", d)
		}
	})
}

// What one attempt has left in the Policy is not there for the next.
func TestRetryInProcessResetsThePolicy(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var within []time.Duration
		h := worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
			within = append(within, m.Policy().DeleteWithin)
			m.Policy().DeleteWithin = time.Hour
			m.Policy().Retry = nil
			return errFlaky
		})
		m := &worker.Message{Attempts: 1}
		m.Policy().DeleteWithin = time.Minute
		middleware.Retry(by(time.Second, time.Second), inProcess(time.Minute))(h).Handle(t.Context(), m)
		if want := []time.Duration{time.Minute, time.Minute, time.Minute}; fmt.Sprint(within) != fmt.Sprint(want) {
			t.Errorf("attempts found DeleteWithin at %v, want %v", within, want)
		}
	})
}

func TestRetryDrainEndsTheWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newScript(errFlaky)
		r := onTrial(t, "orders", "orders", 1, middleware.Retry(by(time.Hour), inProcess(time.Hour))(h))
		elapse(time.Minute)
		began := time.Now()
		r.drain()
		if d := time.Since(began); d != worker.DefaultDrainTimeout {
			t.Errorf("the drain took %v, want %v: the wait ends when handlers are cancelled", d, worker.DefaultDrainTimeout)
		}
		h.want(t, 0)
		r.ended(worker.Released)
		if err := r.handled()[0].Err; !errors.Is(err, errFlaky) || !errors.Is(err, worker.ErrDraining) {
			t.Errorf("handled with %v, want both why it waited and why it stopped", err)
		}
		r.holds("orders", "1", "0")
	})
}

func TestRetryLeaseEndsTheWait(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lease time.Duration
		purge bool // so that the next extension is refused
		cause error
	}{
		"lost":     {time.Hour, true, worker.ErrLeaseLost},
		"MaxLease": {0, false, worker.ErrMaxLease},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newScript(errFlaky, nil)
				mw := middleware.Retry(by(time.Hour), inProcess(time.Hour))
				r := onTrial(t, "orders", "orders", 1, mw(h), func(o *worker.Options) { o.MaxLease = test.lease })
				elapse(10 * time.Second)
				r.ended()
				if test.purge {
					if _, err := r.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: r.url("orders")}); err != nil {
						t.Fatal(err)
					}
				}
				elapse(20 * time.Second)
				h.want(t, 0)
				r.ended(worker.Failed)
				if err := r.handled()[0].Err; !errors.Is(err, errFlaky) || !errors.Is(err, test.cause) {
					t.Errorf("handled with %v, want both why it waited and %v", err, test.cause)
				}
			})
		})
	}
}

func TestRetryInProcessEndsWithTheContext(t *testing.T) {
	t.Parallel()
	for _, end := range []time.Duration{1, time.Second - 1, time.Second + 1, time.Hour} {
		t.Run(end.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				h, began := newScript(errFlaky), time.Now()
				time.AfterFunc(end, func() { cancel(worker.ErrDraining) })
				mw := middleware.Retry(by(time.Second, 2*time.Hour), inProcess(3*time.Hour))
				err := mw(h).Handle(ctx, &worker.Message{Attempts: 1})
				if !errors.Is(err, errFlaky) || worker.OutcomeOf(ctx, err) != worker.Released || time.Since(began) != end {
					t.Errorf("Handle = %v (%v) after %v, want released after %v", err, worker.OutcomeOf(ctx, err), time.Since(began), end)
				}
				if want := 1 + int(min(end/time.Second, 1)); len(h.at) != want {
					t.Errorf("%d calls, want %d", len(h.at), want)
				}
			})
		})
	}
}

// endless is a context that is found to have ended, after a while, but not by waiting
// for it: as when it ends at the very moment at which something else happens.
type endless struct {
	context.Context
	ends time.Time
}

func (c endless) Err() error {
	if time.Now().Before(c.ends) {
		return nil
	}
	return context.Canceled
}

func TestRetryInProcessNeverRunsAfterTheContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, h := endless{context.Background(), time.Now().Add(time.Second)}, newScript(errFlaky)
		err := middleware.Retry(by(time.Second), inProcess(time.Hour))(h).Handle(ctx, &worker.Message{Attempts: 1})
		h.want(t, 0)
		if !errors.Is(err, errFlaky) {
			t.Errorf("Handle = %v, want %v", err, errFlaky)
		}
	})
}

// A handler that has failed when its context is over has failed, and does not wait.
func TestRetryAfterTheContextDoesNotWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(worker.ErrDraining)
		m, h := &worker.Message{Attempts: 1}, newScript(errFlaky)
		if err := middleware.Retry(by(time.Second), inProcess(time.Hour))(h).Handle(ctx, m); err != errFlaky || len(h.at) != 1 {
			t.Errorf("Handle = %v after %d calls, want %v after 1", err, len(h.at), errFlaky)
		}
		if err := middleware.Retry(by())(newScript(context.Canceled)).Handle(ctx, m); err != context.Canceled {
			t.Errorf("Handle = %v, want %v, which is Released, untouched", err, context.Canceled)
		}
	})
}

func TestRetryDoesNotBeginAWaitInVain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began, h := time.Now(), newScript(errFlaky)
		err := middleware.Retry(by(time.Second), inProcess(time.Hour))(h).Handle(ctx, &worker.Message{Attempts: 1})
		if err != errFlaky || len(h.at) != 1 || time.Since(began) != 0 {
			t.Errorf("Handle = %v after %v, want %v at once", err, time.Since(began), errFlaky)
		}
	})
}

func TestRetryInnermostCounts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		outer, inner worker.Middleware
		errs         []error
		want         []time.Duration
	}{
		"delay":            {middleware.Retry(by(time.Hour)), middleware.Retry(by(time.Minute)), []error{errFlaky, nil}, []time.Duration{0, time.Minute}},
		"outer would stop": {middleware.Retry(by()), middleware.Retry(by(time.Minute)), []error{errFlaky, nil}, []time.Duration{0, time.Minute}},
		"outer in process": {middleware.Retry(by(time.Second), inProcess(time.Hour)), middleware.Retry(by(time.Minute)), []error{errFlaky, nil}, []time.Duration{0, time.Minute}},
		"inner in process": {middleware.Retry(by(time.Hour)), middleware.Retry(by(time.Minute, time.Minute), inProcess(time.Minute)), []error{errFlaky, errFlaky, nil}, []time.Duration{0, time.Minute, 2 * time.Minute}},
		"inner says Stop":  {middleware.Retry(by(time.Hour)), middleware.Retry(by()), []error{errFlaky, nil}, []time.Duration{0}},
		"outer of a handled": {middleware.Retry(by(time.Hour)), func(h worker.Handler) worker.Handler {
			return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
				if m.Attempts > 1 { // one that not all messages come by
					return middleware.Retry(by(time.Minute, time.Minute))(h).Handle(ctx, m)
				}
				return h.Handle(ctx, m)
			})
		}, []error{errFlaky, errFlaky, nil}, []time.Duration{0, time.Hour, time.Hour + time.Minute}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newScript(test.errs...)
				r := onTrial(t, "orders -> orders-dlq", "orders", 1, worker.Chain(test.outer, test.inner)(h))
				elapse(3 * time.Hour)
				h.want(t, test.want...)
				r.holds("orders", "0", "0")
			})
		})
	}
}

// On a FIFO queue the worker tries a message again itself: the same Message, so what
// Retry left in it is from the attempt before.
func TestRetryHeldByAFIFOQueue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newScript(errFlaky, errFlaky, errFlaky, nil)
		mw := middleware.Retry(by(3*time.Second, 4*time.Second, time.Second), inProcess(3*time.Second))
		r := onTrial(t, "jobs.fifo", "jobs.fifo", 0, mw(h))
		r.send(&sqs.SendMessageInput{
			QueueUrl: r.url("jobs.fifo"), MessageBody: new("x"), MessageGroupId: new("g"), MessageDeduplicationId: new("1"),
		})
		elapse(time.Minute)
		h.want(t, 0, 3*time.Second, 7*time.Second, 8*time.Second)
		h.tried(t, "1/1", "2/1", "3/1", "4/1")
		r.ended(worker.Failed, worker.Done)
	})
}

// A failure that arises around Retry comes back by its BackOff as well.
func TestRetrySetsThePolicyForWhatIsAroundIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newScript(nil, nil)
		after := func(next worker.Handler) worker.Handler {
			return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
				if err := next.Handle(ctx, m); m.Attempts > 1 {
					return err
				}
				return errFlaky
			})
		}
		onTrial(t, "orders", "orders", 1, worker.Chain(after, middleware.Retry(by(time.Minute)))(h))
		elapse(2 * time.Minute)
		h.want(t, 0, time.Minute)
	})
}

func TestRetryOfPanics(t *testing.T) {
	t.Parallel()
	for name, mw := range map[string]worker.Middleware{
		"the worker's": middleware.Retry(by(time.Minute)),
		"recovered":    worker.Chain(middleware.Retry(by(time.Minute), inProcess(time.Hour)), middleware.Recover()),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newScript(nil)
				bang := worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
					if h.Handle(ctx, m); m.Attempts == 1 {
						panic("bang")
					}
					return nil
				})
				onTrial(t, "orders", "orders", 1, mw(bang))
				elapse(2 * time.Minute)
				h.want(t, 0, time.Minute)
			})
		})
	}
}

// A delay that was waited for is not that of what happens next.
func TestRetryForgetsTheDelayItHasWaitedFor(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newScript(errFlaky, nil, nil)
		mw := middleware.Retry(by(time.Second, time.Hour), inProcess(time.Second))
		onTrial(t, "orders", "orders", 1, mw(worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			if err := h.Handle(ctx, m); err != nil || m.Receives > 1 {
				return err
			}
			panic("bang") // past Retry, to the worker
		})))
		elapse(2 * time.Hour)
		h.want(t, 0, time.Second, time.Hour+time.Second)
	})
}

// One Retry serves many messages at once.
func TestRetryConcurrently(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		tried := map[string]int{}
		h := worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
			mu.Lock()
			defer mu.Unlock()
			if tried[m.ID]++; tried[m.ID] < 4 {
				return errFlaky
			}
			return nil
		})
		mw := middleware.Retry(inProcess(3 * time.Second))
		r := onTrial(t, "orders", "orders", 200, mw(h), func(o *worker.Options) { o.Concurrency = 50 })
		elapse(10 * time.Minute)
		if len(tried) != 200 {
			t.Errorf("%d messages were handled, want 200", len(tried))
		}
		for id, n := range tried {
			if n != 4 {
				t.Errorf("message %s was tried %d times, want 4", id, n)
			}
		}
		r.holds("orders", "0", "0")
	})
}
