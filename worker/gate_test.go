package worker

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// gateCheck holds a gate to what Gate asks: it plays the part of many pollers
// and handlers, at random. It belongs into a bubble.
type gateCheck struct {
	gate func() Gate
	// fail, if not nil, is what handlers return.
	fail func() error
	// meanwhile, if not nil, is called every now and then.
	meanwhile func(Gate)
	// finish, if not nil, undoes what fail and meanwhile have done to the gate.
	finish func(Gate)

	handlers sync.WaitGroup
	mu       sync.Mutex
	err      error // the first violation
}

// run returns the first violation, nil if there was none.
func (c *gateCheck) run() error {
	g := c.gate()
	var pollers sync.WaitGroup
	for i := range 20 {
		pollers.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 1))
			for range 50 {
				c.poll(g, r)
			}
		})
	}
	over := make(chan struct{})
	var helper sync.WaitGroup
	helper.Go(func() { c.disturb(g, over) })
	pollers.Wait()
	c.handlers.Wait()
	close(over)
	helper.Wait()
	if c.finish != nil {
		c.finish(g)
	}
	time.Sleep(time.Hour)
	if got, want := profile(g), profile(c.gate()); !slices.Equal(got, want) {
		c.violated("once all is given back the gate grants %v, a new one %v", got, want)
	}
	return c.err
}

func (c *gateCheck) violated(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

func (c *gateCheck) disturb(g Gate, over <-chan struct{}) {
	for c.meanwhile != nil {
		select {
		case <-over:
			return
		case <-time.After(rand.N(3 * time.Second)):
			c.meanwhile(g)
		}
	}
}

// poll takes a grant under a context that may end, or have ended, and gives all
// of it back.
func (c *gateCheck) poll(g Gate, r *rand.Rand) {
	ctx := context.Background()
	end := time.Time{}
	if r.IntN(3) == 0 {
		d := time.Duration(r.IntN(2000)-200) * time.Millisecond
		end = time.Now().Add(max(d, 0))
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d)
		defer cancel()
	}
	n := 1 + r.IntN(10)
	got, err := g.Take(ctx, n)
	switch now := time.Now(); {
	case !end.IsZero() && now.After(end):
		c.violated("Take returned %v after the end of its context", now.Sub(end))
	case err != nil && (ctx.Err() == nil || !errors.Is(err, ctx.Err()) || got != 0):
		c.violated("Take = %d, %v, want 0 and the context's error, which is %v", got, err, ctx.Err())
	case err == nil && (got < 1 || got > n):
		c.violated("Take(%d) = %d", n, got)
	case err == nil:
		c.use(g, got, r)
	}
}

// use is a receive that brings some of the messages granted, most of which are
// then handled.
func (c *gateCheck) use(g Gate, granted int, r *rand.Rand) {
	polled := time.Now()
	time.Sleep(time.Duration(r.IntN(2)*r.IntN(20_000)) * time.Millisecond)
	came := r.IntN(granted + 1)
	if came < granted {
		g.Return(granted - came)
	}
	for range came {
		took, unhandled := time.Duration(r.IntN(5000))*time.Millisecond, r.IntN(8) == 0
		c.handlers.Go(func() {
			time.Sleep(took)
			if unhandled {
				g.Return(1)
				return
			}
			var err error
			if c.fail != nil {
				err = c.fail()
			}
			g.Done(&Message{lease: lease{polled: polled}}, err)
		})
	}
}

// profile describes what g grants within some seconds, and gives it back.
func profile(g Gate) (p []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	start, sum := time.Now(), 0
	for range 5 {
		n, err := g.Take(ctx, 7)
		sum += n
		p = append(p, fmt.Sprintf("%d, %v at %v", n, err, time.Since(start)))
	}
	if sum > 0 {
		g.Return(sum)
	}
	return p
}

// inBubble runs f in virtual time.
func inBubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

// brokenGate breaks one promise; mode says which.
type brokenGate struct {
	Switch
	mode string
	mu   sync.Mutex
	out  int
}

func (g *brokenGate) Take(ctx context.Context, n int) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.out += n
	switch {
	case g.mode == "nothing":
		return 0, nil
	case g.mode == "more":
		return n + 1, nil
	case g.mode == "leak" && g.out > 100:
		return 1, nil
	case ctx.Err() != nil && g.mode == "error":
		return 0, errors.New("mine")
	case ctx.Err() != nil && g.mode == "late":
		g.mu.Unlock()
		time.Sleep(time.Nanosecond)
		g.mu.Lock()
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return n, nil
}

func TestGateCheckFindsViolations(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{
		"nothing": ") = 0", "more": "Take(", "leak": "a new one", "error": "the context's error", "late": "after the end",
	} {
		t.Run(mode, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				c := gateCheck{gate: func() Gate { return &brokenGate{mode: mode} }}
				if err := c.run(); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("the check says %v, want an error with %q", err, want)
				}
			})
		})
	}
}

func TestGatesKeepTheContract(t *testing.T) {
	t.Parallel()
	failing := func() error {
		if rand.IntN(4) == 0 {
			return nil
		}
		return errors.New("out of order")
	}
	for name, c := range map[string]*gateCheck{
		"Switch": {
			gate: func() Gate { return new(Switch) },
			meanwhile: func(g Gate) {
				if s := g.(*Switch); s.Paused() {
					s.Resume()
				} else {
					s.Pause()
				}
			},
			finish: func(g Gate) { g.(*Switch).Resume() },
		},
		"RateLimit":      {gate: func() Gate { return RateLimit(50, 20) }},
		"RateLimit slow": {gate: func() Gate { return RateLimit(0.5, 3) }},
		"GateFunc": {gate: func() Gate {
			return GateFunc(func(ctx context.Context) error {
				if d := time.Now().Unix() % 100; d > 80 {
					return errors.New("out of order")
				}
				time.Sleep(10 * time.Millisecond) // whatever ctx says
				return nil
			}, 300*time.Millisecond)
		}, finish: func(Gate) { time.Sleep(time.Until(time.Now().Truncate(100 * time.Second).Add(100 * time.Second))) }},
		"Breaker":         {gate: func() Gate { return NewBreaker() }},
		"Breaker failing": {gate: func() Gate { return NewBreaker() }, fail: failing, finish: mend},
		"PerKey":          {gate: func() Gate { return PerKey(1, func(*Message) string { return "a" }) }},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				if err := c.run(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// mend has messages succeed until the breaker is closed.
func mend(g Gate) {
	for b := g.(*Breaker); b.State() != BreakerClosed; {
		if n, err := b.Take(context.Background(), 1); err != nil || n != 1 {
			return
		}
		b.Done(&Message{lease: lease{polled: time.Now()}}, nil)
	}
}

func TestBadGatesSayWhy(t *testing.T) {
	t.Parallel()
	key := func(*Message) string { return "" }
	check := func(context.Context) error { return nil }
	breaker := func(f func(*BreakerOptions)) Gate { return NewBreaker(f) }
	for want, g := range map[string]Gate{
		"RateLimit: perSecond is 0, ":    RateLimit(0, 1),
		"RateLimit: perSecond is NaN, ":  RateLimit(math.NaN(), 1),
		"RateLimit: perSecond is +Inf, ": RateLimit(math.Inf(1), 1),
		"RateLimit: burst is 0, ":        RateLimit(1, 0),
		"PerKey: limit is 0, ":           PerKey(0, key),
		"PerKey: the function is nil":    PerKey(1, nil),
		"GateFunc: the function is nil":  GateFunc(nil, 1),
		"GateFunc: every is 0s, ":        GateFunc(check, 0),
		"NewBreaker: Failures is 41, ":   breaker(func(o *BreakerOptions) { o.Failures = 41 }),
		"NewBreaker: Failures is -1, ":   breaker(func(o *BreakerOptions) { o.Failures = -1 }),
		"NewBreaker: CoolDown is -1s, ":  breaker(func(o *BreakerOptions) { o.CoolDown = -time.Second }),
		"":                               NewBreaker(),
		" ":                              GateFunc(check, 1),
	} {
		v, ok := g.(validator)
		if !ok {
			t.Errorf("%q: %T cannot be validated", want, g)
			continue
		}
		if err := v.validate(); strings.TrimSpace(want) == "" && err != nil {
			t.Errorf("a good %T says %v", g, err)
		} else if want = strings.TrimSpace(want); want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%T says %v, want %q", g, err, want)
		}
		if strings.TrimSpace(want) == "" {
			continue
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if n, err := g.Take(ctx, 1); n != 0 || err == nil {
			t.Errorf("%s: Take = %d, %v, want it to let nothing through", want, n, err)
		}
	}
}
