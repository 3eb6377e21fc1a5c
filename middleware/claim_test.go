package middleware_test

import (
	"context"
	"testing"
	"time"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// A claim that could not be renewed until it ran out is lost, whether or not the store can
// be reached to say so: others see it free.
func TestIdempotentClaimRunsOut(t *testing.T) {
	t.Parallel()
	for name, update := range map[string]func(context.Context, middleware.Record) error{"down": downStore, "hanging": hangs} {
		for _, lockFor := range []time.Duration{time.Second, time.Minute} {
			t.Run(name+" "+lockFor.String(), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					memory := middleware.NewMemoryStore()
					lock := func(o *middleware.IdempotentOptions) { o.LockFor = lockFor }
					cut := &faultyStore{Store: memory, update: update}
					var cause error
					var ended time.Duration
					start := time.Now()
					go middleware.Idempotent(cut, lock)(worker.HandlerFunc(func(ctx context.Context, _ *worker.Message) error {
						select {
						case <-ctx.Done():
							cause, ended = context.Cause(ctx), time.Since(start)
						case <-time.After(10 * time.Minute):
						}
						return cause
					})).Handle(t.Context(), &worker.Message{ID: "1"})
					pass(lockFor + time.Second)
					second := false
					_ = middleware.Idempotent(memory, lock)(worker.HandlerFunc(func(context.Context, *worker.Message) error {
						second = true
						return nil
					})).Handle(t.Context(), &worker.Message{ID: "1"})
					pass(20 * time.Minute)
					if !second {
						t.Fatal("the copy was not handled")
					}
					if cause != middleware.ErrClaimLost || ended > lockFor+time.Millisecond {
						t.Errorf("a copy is handled while the first goes on: its context ended with %v after %v, want ErrClaimLost by %v", cause, ended, lockFor)
					}
				})
			})
		}
	}
}

// OnError is told of a renewal that failed while the handler has the message, so it must
// not get the message itself: that is the handler's, which may be changing it.
func TestIdempotentOnErrorDoesNotShareTheMessage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := &faultyStore{Store: middleware.NewMemoryStore(), update: downStore}
		m := &worker.Message{ID: "1", Body: "b", Attempts: 2}
		told := 0
		h := middleware.Idempotent(s, func(o *middleware.IdempotentOptions) {
			o.OnError = func(_ context.Context, about *worker.Message, _ error) {
				if told++; told == 1 && (about == m || about.ID != "1" || about.Body != "b" || about.Attempts != 2) {
					t.Errorf("OnError is told of %p %+v, want a copy of %p", about, about, m)
				}
			}
		})(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
			m.Body = "inside" // as SNS and Decompress do
			time.Sleep(middleware.DefaultLockFor / 2)
			return nil
		}))
		if err := h.Handle(t.Context(), m); err != nil || told != 2 {
			t.Errorf("Handle = %v, and OnError was called %d times; want nil, and for the renewal and the end", err, told)
		}
	})
}
