package middleware_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// crowd is a handler that counts how many run at once.
type crowd struct {
	running, most, done atomic.Int64
	takes               func() time.Duration
}

func (c *crowd) Handle(context.Context, *worker.Message) error {
	for n := c.running.Add(1); ; {
		if most := c.most.Load(); n <= most || c.most.CompareAndSwap(most, n) {
			break
		}
	}
	time.Sleep(c.takes())
	c.running.Add(-1)
	c.done.Add(1)
	return nil
}

// Two routes share one value; all of it runs in a worker that could do more.
func TestConcurrency(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := &crowd{takes: func() time.Duration { return rand.N(time.Second) }}
		limited, free := middleware.Concurrency(3), &crowd{takes: c.takes}
		x := worker.NewMux(func(m *worker.Message) (string, error) { return m.Body[len(m.Body)-1:], nil })
		x.Route("1", c, limited)
		x.Route("2", c, limited)
		x.Otherwise(free)
		r := onTrial(t, "orders", "orders", 500, x, func(o *worker.Options) { o.Concurrency = 50 })
		elapse(5 * time.Minute)
		if c.most.Load() != 3 || c.done.Load() != 100 {
			t.Errorf("%d were handled, %d at once, want 100 and 3", c.done.Load(), c.most.Load())
		}
		if free.most.Load() <= 3 || free.done.Load() != 400 {
			t.Errorf("of the other routes %d were handled, %d at once, want 400, and more than 3", free.done.Load(), free.most.Load())
		}
		r.holds("orders", "0", "0")
	})
}

func TestConcurrencyInTurn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var order []string
		h := middleware.Concurrency(1)(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
			order = append(order, m.Body)
			time.Sleep(time.Second)
			return nil
		}))
		var all sync.WaitGroup
		for _, body := range strings.Split("abcdefgh", "") {
			all.Go(func() { h.Handle(context.Background(), &worker.Message{Body: body}) })
			synctest.Wait()
		}
		all.Wait()
		if got := strings.Join(order, ""); got != "abcdefgh" {
			t.Errorf("handled in the order %s, want abcdefgh", got)
		}
	})
}

// Whatever a handler's end, the next has its turn.
func TestConcurrencyGivesTheTurnBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		mw := middleware.Concurrency(1)
		for _, f := range []worker.HandlerFunc{
			func(context.Context, *worker.Message) error { return errFlaky },
			func(context.Context, *worker.Message) error { panic("bang") },
			func(context.Context, *worker.Message) error { runtime.Goexit(); return nil },
		} {
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				defer func() { _ = recover() }()
				mw(f).Handle(context.Background(), &worker.Message{})
			}()
			<-ended
			if err := mw(newScript(nil)).Handle(t.Context(), &worker.Message{}); err != nil {
				t.Errorf("Handle = %v", err)
			}
		}
	})
}

func TestConcurrencyReleasesWhatWaitsInADrain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := slow(time.Hour, func(ctx context.Context) error { return ctx.Err() })
		called := 0
		counted := worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			called++
			return h.Handle(ctx, m)
		})
		r := onTrial(t, "orders -> orders-dlq", "orders", 4, middleware.Concurrency(1)(counted))
		elapse(time.Minute)
		r.drain()
		r.ended(worker.Released, worker.Released, worker.Released, worker.Released)
		if called != 1 {
			t.Errorf("%d handlers were called, want 1", called)
		}
		r.holds("orders", "4", "0")
	})
}

func TestConcurrencyContextEndsWhileItWaits(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	for _, end := range []time.Duration{1, time.Second - 1, time.Second, time.Second + 1} {
		t.Run(end.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				for range 100 {
					mw := middleware.Concurrency(1)
					go mw(stubborn(time.Second, nil)).Handle(context.Background(), &worker.Message{})
					synctest.Wait()
					ctx, cancel := context.WithCancelCause(context.Background())
					time.AfterFunc(end, func() { cancel(cause) })
					h := newScript(nil)
					err := mw(h).Handle(ctx, &worker.Message{})
					called := len(h.at) == 1
					if called && err != nil || !called && err != cause {
						t.Fatalf("Handle = %v, called: %v; want the cause unless it was", err, called)
					}
					if end != time.Second && called != (end > time.Second) { // at the same time, it may be either
						t.Fatalf("called: %v, when the context ended after %v and the turn came after 1s", called, end)
					}
					time.Sleep(time.Minute)
					if err := mw(newScript(nil)).Handle(context.Background(), &worker.Message{}); err != nil {
						t.Fatal("a turn was lost")
					}
				}
			})
		})
	}
}

// Whether the turn or the end of the context is seen first, no handler is called.
func TestConcurrencyNeverCallsAfterTheContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(worker.ErrDraining)
		mw, h := middleware.Concurrency(1), newScript(nil)
		for range 100 {
			if err := mw(h).Handle(ctx, &worker.Message{}); err != worker.ErrDraining {
				t.Fatalf("Handle = %v, want the cause", err)
			}
		}
		if err := mw(h).Handle(t.Context(), &worker.Message{}); err != nil || len(h.at) != 1 {
			t.Errorf("Handle = %v after %d calls, want success with the first", err, len(h.at))
		}
	})
}

func TestConcurrencyOfNone(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, -1} {
		h := newScript(nil)
		err := middleware.Concurrency(n)(h).Handle(t.Context(), &worker.Message{})
		if err == nil || !strings.Contains(err.Error(), "want 1 or more") || len(h.at) != 0 {
			t.Errorf("Concurrency(%d): Handle = %v after %d calls, want an error that says so, and none", n, err, len(h.at))
		}
	}
}
