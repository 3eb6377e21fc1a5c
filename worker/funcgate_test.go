package worker

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestGateFuncIsAskedSeldom(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var calls atomic.Int32
		g := GateFunc(func(context.Context) error { calls.Add(1); return nil }, time.Second)
		if n := calls.Load(); n != 0 {
			t.Errorf("asked %d times before the first receive, want 0", n)
		}
		for range 50 { // 5 s, which is five times every
			if n := take(t, g, 10); n != 10 {
				t.Errorf("%d granted, want 10", n)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if n := calls.Load(); n != 5 {
			t.Errorf("asked %d times in 5 s, want 5", n)
		}
	})
}

func TestGateFuncIsAskedAgainWhileClosed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		closed := errors.New("maintenance until ten past")
		calls := 0 // no lock: one call at a time
		start := time.Now()
		g := GateFunc(func(context.Context) error {
			if calls++; time.Since(start) < 10*time.Minute {
				return closed
			}
			return nil
		}, time.Minute)
		var pollers sync.WaitGroup
		for range 10 {
			pollers.Go(func() {
				if n, took := take(t, g, 10), time.Since(start); n != 10 || took != 10*time.Minute {
					t.Errorf("%d granted after %v, want 10 after 10m", n, took)
				}
			})
		}
		synctest.Wait()
		if err := g.Err(); err != closed {
			t.Errorf("Err = %v, want %v", err, closed)
		}
		pollers.Wait()
		if err := g.Err(); err != nil || calls != 11 {
			t.Errorf("Err = %v after %d calls, want nil after 11", err, calls)
		}
	})
}

func TestGateFuncTakesAPanicForANo(t *testing.T) {
	t.Parallel()
	for name, check := range map[string]func(context.Context) error{
		"panic":  func(context.Context) error { panic("no such flag") },
		"Goexit": func(context.Context) error { runtime.Goexit(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				g := GateFunc(check, time.Second)
				if n := takeNow(g, 1); n != 0 {
					t.Errorf("%d granted, want none", n)
				}
				if got := errors.As(g.Err(), new(*PanicError)); g.Err() == nil || got != (name == "panic") {
					t.Errorf("Err = %#v", g.Err())
				}
			})
		})
	}
}

// A check that hangs closes the gate, but holds nobody up whose context ends,
// and is not called a second time meanwhile.
func TestGateFuncThatHangs(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		calls, hang := 0, make(chan struct{})
		g := GateFunc(func(context.Context) error { calls++; <-hang; return nil }, time.Second)
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			start := time.Now()
			if n, err := g.Take(ctx, 1); n != 0 || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
				t.Errorf("Take = %d, %v after %v, want the end of its context after 1m", n, err, time.Since(start))
			}
			cancel()
		}
		time.AfterFunc(time.Hour, func() { close(hang) })
		start := time.Now()
		if n, took := take(t, g, 1), time.Since(start); n != 1 || took != time.Hour {
			t.Errorf("%d granted after %v, want 1 after 1h, when check returns", n, took)
		}
		if calls != 2 { // the answer to a context that had ended long ago does not count
			t.Errorf("%d calls, want 2", calls)
		}
	})
}

// A poller that goes away takes the call along that it began. The others must
// not be told its context's error.
func TestGateFuncOfAPollerThatLeaves(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		g := GateFunc(func(ctx context.Context) error {
			select {
			case <-time.After(10 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}, time.Hour)
		start := time.Now()
		var first sync.WaitGroup
		first.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if n, err := g.Take(ctx, 1); n != 0 || err == nil {
				t.Errorf("Take = %d, %v after its context has ended", n, err)
			}
		})
		synctest.Wait()
		if n, took := take(t, g, 1), time.Since(start); n != 1 || took != 11*time.Second {
			t.Errorf("%d granted after %v, want 1 after 11s", n, took)
		}
		first.Wait()
	})
}

// A check whose answer is old at once is asked for each receive, and lets it through.
func TestGateFuncForEveryReceive(t *testing.T) {
	calls := 0
	g := GateFunc(func(context.Context) error { calls++; return nil }, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if n, err := g.Take(ctx, 1); n != 1 || calls != 1 {
		t.Errorf("Take = %d, %v after %d calls of a check that says yes, want 1 after 1", n, err, calls)
	}
}
