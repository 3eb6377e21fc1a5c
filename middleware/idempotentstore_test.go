package middleware_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// faultyStore has its functions called, if they are not nil, in place of the store.
type faultyStore struct {
	middleware.Store
	claim           func(context.Context, middleware.Record) (middleware.Record, error)
	update, release func(context.Context, middleware.Record) error
}

func (s *faultyStore) Claim(ctx context.Context, r middleware.Record) (middleware.Record, error) {
	if s.claim != nil {
		return s.claim(ctx, r)
	}
	return s.Store.Claim(ctx, r)
}

func (s *faultyStore) Update(ctx context.Context, r middleware.Record) error {
	if s.update != nil {
		return s.update(ctx, r)
	}
	return s.Store.Update(ctx, r)
}

func (s *faultyStore) Release(ctx context.Context, r middleware.Record) error {
	if s.release != nil {
		return s.release(ctx, r)
	}
	return s.Store.Release(ctx, r)
}

// lose has another take the claim of id, as if it had run out.
func (s *faultyStore) lose(t *testing.T, ctx context.Context, id string) {
	r := middleware.Record{ID: id, Status: middleware.InProgress, Expiration: 1 << 40}
	held, err := s.Claim(ctx, r)
	if err == nil {
		err = s.Release(ctx, held)
	}
	if err == nil {
		r.Owner = "other"
		_, err = s.Claim(ctx, r)
	}
	if err != nil {
		t.Errorf("lose: %v", err)
	}
}

// telling has OnError add to told.
func telling(told *[]error) func(*middleware.IdempotentOptions) {
	return func(o *middleware.IdempotentOptions) {
		o.OnError = func(_ context.Context, _ *worker.Message, err error) { *told = append(*told, err) }
	}
}

var errStore = errors.New("the store is down")

func downStore(context.Context, middleware.Record) error { return errStore }

// hangs is a store that does not answer.
func hangs(ctx context.Context, _ middleware.Record) error {
	<-ctx.Done()
	return ctx.Err()
}

// Without a claim the message fails, and is not handled.
func TestIdempotentClaimFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		claim func(context.Context, middleware.Record) error
		want  error
		takes time.Duration
	}{
		{"down", downStore, errStore, 0},
		{"hanging", hangs, context.DeadlineExceeded, 5 * time.Second},
		{"panic", func(context.Context, middleware.Record) error { panic(errStore) }, errStore, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				memory := middleware.NewMemoryStore()
				s := &faultyStore{Store: memory, claim: func(ctx context.Context, r middleware.Record) (middleware.Record, error) {
					held, _ := memory.Claim(ctx, r) // it comes through, but the answer does not
					return held, test.claim(ctx, r)
				}}
				var told []error
				start := time.Now()
				err := middleware.Idempotent(s, telling(&told))(noCall(t)).Handle(t.Context(), &worker.Message{ID: "1"})
				if !errors.Is(err, test.want) || worker.OutcomeOf(t.Context(), err) != worker.Failed {
					t.Errorf("Handle = %v, want it to fail with %v", err, test.want)
				}
				if d := time.Since(start); d != test.takes {
					t.Errorf("Handle took %v, want %v", d, test.takes)
				}
				if memory.Len() != 0 || len(told) != 0 {
					t.Errorf("%d claims are left, and OnError was told %v; want none and nothing", memory.Len(), told)
				}
			})
		})
	}
}

// A store that fails once the handler has returned changes nothing for the message.
func TestIdempotentEndFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, test := range []struct {
		name     string
		returned error
		store    func(context.Context, middleware.Record) error
		want     error
		takes    time.Duration
	}{
		{"complete, down", nil, downStore, errStore, 0},
		{"complete, hanging", nil, hangs, context.DeadlineExceeded, 5 * time.Second},
		{"complete, panic", nil, func(context.Context, middleware.Record) error { panic(errStore) }, errStore, 0},
		{"release, down", broken, downStore, errStore, 0},
		{"release, hanging", broken, hangs, context.DeadlineExceeded, 5 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				memory := middleware.NewMemoryStore()
				s := &faultyStore{Store: memory, update: test.store, release: test.store}
				var told []error
				h := middleware.Idempotent(s, telling(&told))
				start := time.Now()
				err := h(worker.HandlerFunc(func(context.Context, *worker.Message) error { return test.returned })).
					Handle(t.Context(), &worker.Message{ID: "1"})
				if err != test.returned {
					t.Errorf("Handle = %v, want %v", err, test.returned)
				}
				if len(told) != 1 || !errors.Is(told[0], test.want) {
					t.Errorf("OnError was told %v, want %v", told, test.want)
				}
				if d := time.Since(start); d != test.takes {
					t.Errorf("Handle took %v, want %v", d, test.takes)
				}
				// A copy waits for the claim to run out, and is handled then.
				err = h(noCall(t)).Handle(t.Context(), &worker.Message{ID: "1"})
				if worker.OutcomeOf(t.Context(), err) != worker.Snoozed {
					t.Errorf("Handle of a copy = %v, want a Snooze", err)
				}
				pass(middleware.DefaultLockFor + time.Millisecond)
				called := false
				_ = h(worker.HandlerFunc(func(context.Context, *worker.Message) error {
					called = true
					return nil
				})).Handle(t.Context(), &worker.Message{ID: "1"})
				if !called {
					t.Error("a copy was not handled once the claim had run out")
				}
			})
		})
	}
}

// However the handler's context ends, the store gets to know what became of the message.
func TestIdempotentCancelled(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := middleware.NewMemoryStore()
		cause := errors.New("stop")
		for _, test := range []struct {
			returned error
			records  int
		}{{nil, 1}, {context.Canceled, 0}} {
			ctx, cancel := context.WithCancelCause(t.Context())
			h := middleware.Idempotent(s, byBody)(worker.HandlerFunc(func(ctx context.Context, _ *worker.Message) error {
				<-ctx.Done()
				if context.Cause(ctx) != cause {
					t.Errorf("the cause is %v, want %v", context.Cause(ctx), cause)
				}
				return test.returned
			}))
			time.AfterFunc(time.Second, func() { cancel(cause) })
			if err := h.Handle(ctx, &worker.Message{Body: "a"}); err != test.returned {
				t.Errorf("Handle = %v, want %v", err, test.returned)
			}
			if s.Len() != test.records {
				t.Errorf("%d records, want %d", s.Len(), test.records)
			}
			if test.returned == nil {
				if err := middleware.Idempotent(s, byBody)(noCall(t)).Handle(t.Context(), &worker.Message{Body: "a"}); err != nil {
					t.Errorf("Handle of a copy = %v, want nil", err)
				}
			}
			pass(middleware.DefaultKeep + time.Second)
		}
	})
}

// A claim that is cancelled while it is made is not left behind.
func TestIdempotentCancelledClaim(t *testing.T) {
	bubble(t, func(t *testing.T) {
		memory := middleware.NewMemoryStore()
		s := &faultyStore{Store: memory, claim: func(ctx context.Context, r middleware.Record) (middleware.Record, error) {
			_, _ = memory.Claim(ctx, r)
			return r, hangs(ctx, r)
		}}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(worker.ErrDraining) })
		err := middleware.Idempotent(s)(noCall(t)).Handle(ctx, &worker.Message{ID: "1"})
		if got := worker.OutcomeOf(ctx, err); got != worker.Released {
			t.Errorf("Handle = %v, which is %s, want released", err, got)
		}
		if n := memory.Len(); n != 0 {
			t.Errorf("%d claims are left, want none", n)
		}
	})
}

// A claim lasts while the handler runs: also if its context was cancelled, and if what is
// done is not remembered for that long.
func TestIdempotentLasts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := middleware.Idempotent(middleware.NewMemoryStore(), func(o *middleware.IdempotentOptions) { o.Keep = time.Second })
		ctx, cancel := context.WithCancel(t.Context())
		go h(worker.HandlerFunc(func(context.Context, *worker.Message) error {
			cancel()
			time.Sleep(5 * time.Minute)
			return nil
		})).Handle(ctx, &worker.Message{ID: "1"})
		for range 29 {
			pass(10 * time.Second)
			if err := h(noCall(t)).Handle(t.Context(), &worker.Message{ID: "1"}); worker.OutcomeOf(t.Context(), err) != worker.Snoozed {
				t.Errorf("Handle of a copy = %v, want a Snooze", err)
			}
		}
		pass(time.Minute)
	})
}

// A renewal that fails is tried again, and one that is under way when the handler returns
// is not waited for.
func TestIdempotentRenews(t *testing.T) {
	bubble(t, func(t *testing.T) {
		memory := middleware.NewMemoryStore()
		s := &faultyStore{Store: memory}
		tries := 0
		s.update = func(ctx context.Context, r middleware.Record) error {
			if r.Status == middleware.Completed {
				return memory.Update(ctx, r)
			}
			tries++
			switch tries {
			case 1, 2:
				return errStore
			case 6:
				return hangs(ctx, r)
			}
			return memory.Update(ctx, r)
		}
		var told []error
		h := middleware.Idempotent(s, telling(&told), func(o *middleware.IdempotentOptions) { o.LockFor = 3 * time.Minute })
		go func() {
			for range 6 {
				time.Sleep(59 * time.Second)
				if err := h(noCall(t)).Handle(t.Context(), &worker.Message{ID: "1"}); worker.OutcomeOf(t.Context(), err) != worker.Snoozed {
					t.Errorf("Handle of a copy = %v, want a Snooze", err)
				}
			}
		}()
		start := time.Now()
		err := h(worker.HandlerFunc(func(context.Context, *worker.Message) error {
			time.Sleep(6*time.Minute + time.Second)
			return nil
		})).Handle(t.Context(), &worker.Message{ID: "1"})
		if d := time.Since(start); err != nil || d != 6*time.Minute+time.Second {
			t.Errorf("Handle = %v after %v, want nil when the handler returns", err, d)
		}
		if tries != 6 || len(told) != 2 {
			t.Errorf("%d renewals, OnError was told %v; want 6 and two errors", tries, told)
		}
	})
}
