package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// waits is how long messages waited, a value a round.
type waits struct{ p50, p99, requests, left []float64 }

// clock notes how long each message waited until its handler began.
type clock struct {
	mu     sync.Mutex
	waited []float64 // seconds, by number; infinite: not handled yet
	left   int
	none   chan struct{} // closed once none is left
}

func newClock(messages int) *clock {
	c := &clock{waited: make([]float64, messages), left: messages, none: make(chan struct{})}
	for i := range c.waited {
		c.waited[i] = math.Inf(1)
	}
	return c
}

// handle is a handler that takes no time. The first delivery of a message counts.
func (c *clock) handle(_ context.Context, body string) error {
	n, sent, err := remote.Read(body)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if n < 0 || n >= len(c.waited) || !math.IsInf(c.waited[n], 1) {
		return nil
	}
	c.waited[n] = time.Since(sent).Seconds()
	if c.left--; c.left == 0 {
		close(c.none)
	}
	return nil
}

// so returns how long they waited, and how many are left.
func (c *clock) so() (waited []float64, left int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]float64(nil), c.waited...), c.left
}

// add notes the figures of a round. Messages that were not handled waited longer than any other.
func (w *waits) add(waited []float64, left int, requests float64) {
	w.p50 = append(w.p50, stats.Quantile(waited, 0.5))
	w.p99 = append(w.p99, stats.Quantile(waited, 0.99))
	w.requests = append(w.requests, requests)
	w.left = append(w.left, float64(left))
}

// latency measures how long messages wait that arrive one by one.
func (b *bench) latency() error {
	s, err := remote.Start(b.ctx)
	if err != nil {
		return err
	}
	defer s.Stop()
	some, names := b.those("latency")
	all := make([][]waits, len(b.plan.distances))
	for d, away := range b.plan.distances {
		all[d] = make([]waits, len(some))
		what := fmt.Sprintf("latency, %v away", away)
		if err := b.turns(what, names, func(i int) error { return b.arriving(s, some[i], away, &all[d][i]) }); err != nil {
			return err
		}
	}
	t := b.report.Table(fmt.Sprintf("From send to handled, %d messages, %d a second", b.plan.arrivals, rate),
		"away", "worker", "p50", "p99", "p50 x "+names[0], "p99 x "+names[0], "requests a message", "not handled in time")
	for d, away := range b.plan.distances {
		yard := all[d][0]
		for i, x := range all[d] {
			t.Row(away.String(), names[i], report.Millis(stats.Median(x.p50)), report.Millis(stats.Median(x.p99)),
				report.Ratio(stats.Ratio(x.p50, yard.p50)), report.Ratio(stats.Ratio(x.p99, yard.p99)),
				report.Written(stats.Median(x.requests), "%.2f"), report.Whole(stats.Median(x.left)))
			x.note(b.report, "latency", names[i], from(away))
			b.report.Note("latency", names[i], from(away), "requests", "requests/message", x.requests...)
			b.report.Note("latency", names[i], from(away), "not handled in time", "messages", x.left...)
		}
	}
	b.plotWaits("latency", "From send to handled", "p50", "p99")
	return nil
}

// arriving has messages arrive at a peer that waits for them.
func (b *bench) arriving(s *remote.Server, p peer, away time.Duration, w *waits) (err error) {
	queue, drop, err := b.queue(s, visibility)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	began, err := s.Counts(b.ctx, queue)
	if err != nil {
		return err
	}
	c := newClock(b.plan.arrivals)
	r := b.begin(p, s, queue, away, c.handle)
	defer func() { err = errors.Join(err, r.end()) }()
	before, err := r.waiting(b, s, queue, began)
	if err != nil {
		return err
	}
	if err := s.Pace(b.ctx, queue, b.plan.arrivals, bodySize, rate); err != nil {
		return err
	}
	select {
	case <-c.none:
	case <-time.After(late):
	case <-r.ended:
		return errors.Join(errors.New("it ended by itself"), r.err)
	case <-b.ctx.Done():
		return b.ctx.Err()
	}
	waited, left := c.so()
	if err := r.during(b.ctx, 100*time.Millisecond); err != nil { // the last deletes
		return err
	}
	after, err := s.Counts(b.ctx, queue)
	if err != nil {
		return err
	}
	w.add(waited, left, float64(after.Asked()-before.Asked())/float64(b.plan.arrivals))
	return nil
}

// waiting returns once the peer has asked for messages and has been idle for a moment, with the counts of then.
func (r *running) waiting(b *bench, s *remote.Server, queue string, began remote.Counts) (c remote.Counts, err error) {
	for {
		if err = r.during(b.ctx, 10*time.Millisecond); err != nil {
			return c, err
		}
		if c, err = s.Counts(b.ctx, queue); err != nil {
			return c, err
		}
		if c.Requests["ReceiveMessage"] > began.Requests["ReceiveMessage"] {
			break
		}
	}
	if err = r.during(b.ctx, 100*time.Millisecond); err != nil {
		return c, err
	}
	return s.Counts(b.ctx, queue)
}
