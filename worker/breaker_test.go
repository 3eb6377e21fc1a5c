package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var errDown = errors.New("the database is down")

// fresh returns a message that was asked for now.
func fresh() *Message { return &Message{lease: lease{polled: time.Now()}} }

// newTestBreaker makes one that opens after three failures of the last six, for
// 10 s, 20 s, 40 s and 60 s.
func newTestBreaker(opts ...func(*BreakerOptions)) *Breaker {
	return NewBreaker(append([]func(*BreakerOptions){func(o *BreakerOptions) {
		o.Failures, o.Window, o.CoolDown, o.MaxCoolDown = 3, 6, 10*time.Second, time.Minute
	}}, opts...)...)
}

// hear has b hear of one message after another: x fails, . is done, - says nothing.
func hear(t *testing.T, b *Breaker, results string) {
	t.Helper()
	for _, r := range results {
		if n := takeNow(b, 1); n != 1 {
			t.Fatalf("nothing granted before the end of %q", results)
		}
		b.Done(fresh(), map[rune]error{'x': errDown, '-': Snooze(time.Hour)}[r])
	}
}

// trip has b open, with nothing under way.
func trip(t *testing.T, b *Breaker) {
	t.Helper()
	hear(t, b, "xxx")
	if s := b.State(); s != BreakerOpen {
		t.Fatalf("%s after three failures, want open", s)
	}
}

func TestBreakerOpens(t *testing.T) {
	t.Parallel()
	for results, want := range map[string]BreakerState{
		"":               BreakerClosed,
		"xx":             BreakerClosed,
		"xxx":            BreakerOpen,
		"xx...x":         BreakerOpen,
		"xx....x":        BreakerClosed, // the first is out of the window
		"x..x..x..x..x.": BreakerClosed,
		"x-x-x":          BreakerOpen,
		"--------":       BreakerClosed,
		"xx----------x":  BreakerOpen,
	} {
		t.Run(results, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := newTestBreaker()
				if hear(t, b, results); b.State() != want {
					t.Errorf("%s after %q, want %s", b.State(), results, want)
				}
				if n := takeNow(b, 10); (n == 10) != (want == BreakerClosed) || n%10 != 0 {
					t.Errorf("%d granted when it is %s", n, want)
				}
			})
		})
	}
}

func TestBreakerByDefault(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := NewBreaker(func(o *BreakerOptions) { *o = BreakerOptions{} })
		for i := range 20 {
			if s := b.State(); s != BreakerClosed {
				t.Errorf("%s after %d failures", s, i)
			}
			hear(t, b, ".x")
		}
		start := time.Now()
		for i := range 9 { // 5 s, 10 s, ..., 160 s, 5 min, 5 min
			if take(t, b, 10); i < 8 {
				b.Done(fresh(), errDown)
			}
		}
		if got, want := time.Since(start), 315*time.Second+15*time.Minute; got != want {
			t.Errorf("the ninth probe comes after %v, want %v", got, want)
		}
		if NewBreaker(func(o *BreakerOptions) { o.CoolDown = time.Hour }).opts.MaxCoolDown != time.Hour {
			t.Error("a long CoolDown does not raise MaxCoolDown")
		}
	})
}

// One message at a time is let through, after cool-downs that double, until one
// is handled.
func TestBreakerProbes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newTestBreaker()
		trip(t, b)
		start, next := time.Now(), time.Duration(0)
		for _, seconds := range []int{10, 20, 40, 60, 60} {
			next += time.Duration(seconds) * time.Second
			if n, at := take(t, b, 10), time.Since(start); n != 1 || at != next {
				t.Errorf("%d granted after %v, want 1 after %v", n, at, next)
			}
			if n := takeNow(b, 10); n != 0 || b.State() != BreakerHalfOpen {
				t.Errorf("%d granted beside it, %s", n, b.State())
			}
			next = time.Since(start)
			b.Done(fresh(), errDown)
		}
		take(t, b, 10)
		b.Done(fresh(), nil)
		if n := takeNow(b, 10); n != 10 || b.State() != BreakerClosed {
			t.Errorf("%d granted after a success, %s, want 10, closed", n, b.State())
		}
		b.Return(10)
		trip(t, b) // what failed before is forgotten, and the cool-down short again
		start = time.Now()
		if take(t, b, 1); time.Since(start) != 10*time.Second {
			t.Errorf("cooled down in %v, want 10s", time.Since(start))
		}
	})
}

// The message let through may come to nothing: then the next goes.
func TestBreakerProbesOnAfterNothing(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(b *Breaker, m *Message){
		"returned":  func(b *Breaker, m *Message) { b.Return(1) },
		"discarded": func(b *Breaker, m *Message) { b.Done(m, Discard(errDown)) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := newTestBreaker()
				b.Return(take(t, b, 10))
				trip(t, b)
				time.Sleep(10 * time.Second)
				for range 5 {
					if n := takeNow(b, 10); n != 1 {
						t.Fatalf("%d granted, want 1", n)
					}
					m := fresh()
					waiting := make(chan int)
					go func() { waiting <- take(t, b, 10) }()
					synctest.Wait()
					start := time.Now()
					end(b, m)
					if n := <-waiting; n != 1 || time.Since(start) != 0 || b.State() != BreakerHalfOpen {
						t.Errorf("%d granted after %v, %s, want 1 at once, half-open", n, time.Since(start), b.State())
					}
					end(b, m)
				}
			})
		})
	}
}

// What was asked for before the breaker opened says nothing about later.
func TestBreakerIgnoresOldResults(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newTestBreaker()
		take(t, b, 14)
		old := fresh()
		time.Sleep(time.Nanosecond)
		trip(t, b)
		start := time.Now()
		time.Sleep(time.Second)
		b.Done(old, nil)
		for range 5 {
			b.Done(old, errDown)
		}
		if s := b.State(); s != BreakerOpen {
			t.Errorf("%s after results of messages under way, want open", s)
		}
		take(t, b, 1)
		probe := fresh()
		if time.Since(start) != 10*time.Second {
			t.Errorf("cooled down in %v, want 10s", time.Since(start))
		}
		b.Done(old, nil)
		b.Done(old, errDown)
		time.Sleep(time.Hour)
		if n := takeNow(b, 1); n != 0 || b.State() != BreakerHalfOpen {
			t.Errorf("%d granted, %s after old results, want none, half-open", n, b.State())
		}
		b.Done(probe, nil)
		for range 6 {
			b.Done(old, errDown)
		}
		if s := b.State(); s != BreakerClosed {
			t.Errorf("%s after old failures, want closed", s)
		}
	})
}

// With old messages under way, a return may be one of theirs. The next goes
// after another cool-down then, or once it is clear.
func TestBreakerDoubtsReturns(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newTestBreaker()
		take(t, b, 2)
		old := fresh()
		time.Sleep(time.Nanosecond)
		trip(t, b)
		time.Sleep(10 * time.Second)
		if n := takeNow(b, 10); n != 1 {
			t.Fatalf("%d granted, want 1", n)
		}
		b.Return(1)
		start := time.Now()
		if n, took := take(t, b, 10), time.Since(start); n != 1 || took != 10*time.Second {
			t.Errorf("%d granted after %v, want 1 after 10s", n, took)
		}
		b.Return(1) // of the last
		time.AfterFunc(time.Second, func() { b.Done(old, nil) })
		time.AfterFunc(2*time.Second, func() { b.Done(old, nil) })
		start = time.Now()
		if n, took := take(t, b, 10), time.Since(start); n != 1 || took != 2*time.Second {
			t.Errorf("%d granted after %v, want 1 after 2s, when nothing old is left", n, took)
		}
	})
}

func TestBreakerCountsFailuresOfHandlers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want bool
	}{
		{errDown, true},
		{RetryAfter(time.Second, errDown), true},
		{context.DeadlineExceeded, true},
		{&PanicError{Value: "nil map"}, true},
		{Discard(errDown), false},
		{DeadLetter(errDown), false},
		{fmt.Errorf("ship: %w", Discard(nil)), false},
		{Snooze(time.Second), false},
		{&DecodeError{Type: "Order", Err: errDown}, false},
		{fmt.Errorf("query: %w", context.Canceled), false},
		{ErrDraining, false},
	} {
		if got := NewBreaker().failure(new(Message), test.err); got != test.want {
			t.Errorf("%v: a failure = %v, want %v", test.err, got, test.want)
		}
	}
	b := NewBreaker(func(o *BreakerOptions) {
		o.Failure = func(m *Message, err error) bool { return map[string]bool{"yes": true}[m.ID] || m.Group[9] == 0 }
	})
	if !b.failure(&Message{ID: "yes"}, errDown) || b.failure(&Message{Group: "0123456789"}, errDown) {
		t.Error("Failure is not asked")
	}
	if !b.failure(&Message{}, errDown) {
		t.Error("a panic in Failure is not a failure")
	}
}

// OnChange hears of everything in order, even if it is slow and may itself ask.
func TestBreakerTellsOfChanges(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var mu sync.Mutex
		var heard []string
		var b *Breaker
		b = newTestBreaker(func(o *BreakerOptions) {
			o.OnChange = func(s BreakerState, err error) {
				_ = b.State()
				if s == BreakerOpen {
					time.Sleep(15 * time.Second) // the next change comes after 10
				}
				mu.Lock()
				defer mu.Unlock()
				heard = append(heard, fmt.Sprint(s, " ", err))
			}
		})
		take(t, b, 10)
		for range 3 {
			go b.Done(fresh(), errDown)
		}
		synctest.Wait()
		for b.State() != BreakerClosed {
			take(t, b, 1) // while OnChange is still busy with the first change
			b.Done(fresh(), nil)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		want := []string{"open " + errDown.Error(), "half-open <nil>", "closed <nil>"}
		if !slices.Equal(heard, want) {
			t.Errorf("heard %q, want %q", heard, want)
		}
	})
}

// However many want to receive, one message is under way while it is half-open.
func TestBreakerLetsOneThroughAtATime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newTestBreaker()
		trip(t, b)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var mu sync.Mutex
		out, most, probes := 0, 0, 0
		count := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			out += n
			most, probes = max(most, out), probes+max(n, 0)
		}
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				for {
					n, err := b.Take(ctx, 10)
					if err != nil {
						return
					}
					m := fresh()
					count(n)
					time.Sleep(time.Second)
					if count(-n); i%2 == 0 {
						b.Return(n)
					} else {
						b.Done(m, errDown)
					}
				}
			})
		}
		wg.Wait()
		if most != 1 || probes < 60 {
			t.Errorf("%d messages were under way at once, %d in all, want 1, and one a minute or more", most, probes)
		}
	})
}
