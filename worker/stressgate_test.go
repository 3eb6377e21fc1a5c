package worker_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// stressGates makes gates, closes them and opens them.
type stressGates struct {
	rnd   *rand.Rand
	fifo  bool
	audit *stressSlots // of all workers; it never runs out
	all   []worker.Gate
	flips []func()
	opens []func()
}

// draw makes a gate of any kind.
func (g *stressGates) draw() worker.Gate {
	gate := g.drawKind()
	g.all = append(g.all, gate)
	return gate
}

func (g *stressGates) drawKind() worker.Gate {
	r := g.rnd
	switch p := r.IntN(12); {
	case p < 2:
		return worker.RateLimit(stressPick(r, 0.5, 1, 5, 20), stressPick(r, 1, 3, 10))
	case p < 6:
		return worker.NewBreaker(func(o *worker.BreakerOptions) {
			o.Failures = 1 + r.IntN(4)
			o.Window = o.Failures + r.IntN(4)
			o.CoolDown, o.MaxCoolDown = stressPick(r, sec, 5*sec, time.Minute), time.Minute
		})
	case p < 8:
		return newStressSlots(1 + r.IntN(6))
	case p < 9:
		return g.drawSwitch()
	case p < 11:
		return g.drawCheck()
	case g.fifo:
		return &worker.Switch{} // PerKey is for standard queues
	}
	return worker.PerKey(1+r.IntN(2), func(m *worker.Message) string {
		group, _, _ := strings.Cut(m.Body, "/")
		return group
	})
}

func (g *stressGates) drawSwitch() worker.Gate {
	s := &worker.Switch{}
	g.flips = append(g.flips, func() {
		if s.Paused() {
			s.Resume()
		} else {
			s.Pause()
		}
	})
	g.opens = append(g.opens, s.Resume)
	return s
}

// drawCheck makes a GateFunc that at times says no, or takes long for its answer.
func (g *stressGates) drawCheck() worker.Gate {
	var mu sync.Mutex
	no, slow := false, false
	set := func(n, s bool) {
		mu.Lock()
		defer mu.Unlock()
		no, slow = n, s
	}
	g.flips = append(g.flips, func() { set(g.rnd.IntN(2) == 0, g.rnd.IntN(2) == 0) })
	g.opens = append(g.opens, func() { set(false, false) })
	return worker.GateFunc(func(ctx context.Context) error {
		mu.Lock()
		no, slow := no, slow
		mu.Unlock()
		if slow {
			if err := wait(ctx, 90*sec); err != nil {
				return err
			}
		}
		if no {
			return errors.New("not now")
		}
		return nil
	}, stressPick(g.rnd, sec/10, 5*sec, time.Minute))
}

// flip changes some of the gates that can be closed.
func (g *stressGates) flip() {
	for _, f := range g.flips {
		if g.rnd.IntN(2) == 0 {
			f()
		}
	}
}

func (g *stressGates) open() {
	for _, f := range g.opens {
		f()
	}
}

// stressText describes gates.
func stressText(gates ...worker.Gate) string {
	var all []string
	for _, g := range gates {
		switch g := g.(type) {
		case *worker.Breaker:
			all = append(all, "Breaker "+string(g.State()))
		case *stressSlots:
			all = append(all, g.String())
		default:
			all = append(all, strings.TrimPrefix(fmt.Sprintf("%T", g), "*worker."))
		}
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// stressSlots is a gate of a user's: so many messages between their receive and their end.
type stressSlots struct {
	turn chan struct{} // one Take at a time

	mu      sync.Mutex
	all     int
	free    int
	wrong   bool // more was given back than granted
	changed chan struct{}
}

func newStressSlots(n int) *stressSlots {
	return &stressSlots{turn: make(chan struct{}, 1), all: n, free: n, changed: make(chan struct{})}
}

func (s *stressSlots) Take(ctx context.Context, n int) (int, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	for ctx.Err() == nil {
		s.mu.Lock()
		got, changed := min(n, s.free), s.changed
		s.free -= got
		s.mu.Unlock()
		if got > 0 {
			return got, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	return 0, ctx.Err()
}

func (s *stressSlots) Return(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free += n
	s.wrong = s.wrong || n < 0 || s.free > s.all
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *stressSlots) Done(*worker.Message, error) { s.Return(1) }

func (s *stressSlots) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("%d of %d slots", s.free, s.all)
}

// whole reports whether all that was granted was given back, once.
func (s *stressSlots) whole() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.free == s.all && !s.wrong
}
