package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/worker"
)

const (
	sends  = 0.1  // requests a message, in batches of ten
	frugal = 0.32 // requests a message that are few enough

	reserve = 20_000 // messages that are kept waiting
)

// counted is what a load took, a value a round.
type counted struct {
	received, deleted []float64 // messages a request, by the server's count
	requests, hooked  []float64 // a message, sends included, by the server's count and by the hook's
	rate              []float64
}

// batches counts the requests of workers that have enough to do.
func (b *bench) batches() error {
	s, err := remote.Start(b.ctx)
	if err != nil {
		return err
	}
	defer s.Stop()
	all := make([]counted, len(b.plan.loads))
	for i := range b.plan.rounds {
		b.progress("batches, round %d of %d", i+1, b.plan.rounds)
		for j, l := range b.plan.loads {
			if err := b.loaded(s, l, &all[j]); err != nil {
				return fmt.Errorf("%d handlers of %v: %w", l.concurrency, l.takes, err)
			}
		}
	}
	t := b.report.Table("Requests under load", "handlers", "they take", "messages/s",
		"handlers busy", "received together", "deleted together", "requests a message", "by the hook")
	for j, l := range b.plan.loads {
		c := all[j]
		t.Row(fmt.Sprint(l.concurrency), l.takes.String(), report.Count(stats.Median(c.rate)), busy(l, c),
			report.Ratio(stats.Median(c.received)), report.Ratio(stats.Median(c.deleted)),
			report.Written(stats.Median(c.requests), "%.3f"), report.Written(stats.Median(c.hooked), "%.3f"))
		c.note(b.report, l)
		b.judgeWorst(l, c)
	}
	b.report.Plot(report.Plot{
		Name: "requests", Title: "Requests under load", Measure: "batches", What: "requests", X: "a handler takes", Y: "requests a message",
	})
	return nil
}

// note keeps what a load took.
func (c counted) note(r *report.Report, l load) {
	who, at := fmt.Sprintf("%d handlers", l.concurrency), report.Under(l.takes.String())
	r.Note("batches", who, at, "rate", "messages/s", c.rate...)
	r.Note("batches", who, at, "requests", "requests/message", c.requests...)
	r.Note("batches", who, at, "received together", "messages/request", c.received...)
	r.Note("batches", who, at, "deleted together", "messages/request", c.deleted...)
}

// busy is the share of their time that the handlers of a load work, by how long they take: requests that
// wait to be full must not leave them idle.
func busy(l load, c counted) string {
	if l.takes == 0 {
		return "-"
	}
	return report.Written(stats.Median(c.rate)*l.takes.Seconds()/float64(l.concurrency)*100, "%.0f %%")
}

// judgeWorst notes a load's figures if they are the worst yet of as many handlers. What was not measured is
// no better and no worse.
func (b *bench) judgeWorst(l load, c counted) {
	worst := func(kind, format string, v, yardstick, sign float64) {
		key := fmt.Sprintf("%s %d", kind, l.concurrency)
		ratio := v / yardstick
		if before, ok := b.report.Reached(key); !ok || math.IsNaN(before) || sign*ratio > sign*before {
			b.report.Reach(key, fmt.Sprintf("%s (%v)", report.Written(v, format), l.takes), report.Written(yardstick, "%.3g"), ratio)
		}
	}
	worst("received", "%.2f", stats.Median(c.received), 10, -1)
	worst("deleted", "%.2f", stats.Median(c.deleted), 10, -1)
	worst("requests", "%.3f", stats.Median(c.requests), frugal, 1)
}

// loaded counts the requests of one worker in a stretch of time in which its queue is never empty, by what
// the server has seen and by what the hook was told.
func (b *bench) loaded(s *remote.Server, l load, c *counted) (err error) {
	queue, err := b.queue(s)
	if err != nil {
		return err
	}
	if err := s.Keep(b.ctx, queue, reserve, smallSize); err != nil {
		return err
	}
	over := sdk.Far(0)
	defer over.CloseIdleConnections()
	r := b.start(sdk.New(s.URL(), over), queue, l.concurrency, about(l.takes))
	defer func() { err = errors.Join(err, r.end(), s.Drop(context.WithoutCancel(b.ctx), queue)) }()
	if err := r.during(b.ctx, b.plan.warm); err != nil {
		return err
	}
	before, err := s.Counts(b.ctx, queue)
	if err != nil {
		return err
	}
	told, start := r.so(), time.Now()
	if err := r.during(b.ctx, b.plan.window); err != nil {
		return err
	}
	after, err := s.Counts(b.ctx, queue)
	if err != nil {
		return err
	}
	if after.Visible == 0 {
		return errors.New("the queue ran empty")
	}
	c.add(before, after, told, r.so(), time.Since(start))
	return nil
}

func (c *counted) add(before, after remote.Counts, told, now map[string]asked, elapsed time.Duration) {
	received, deleted := float64(after.Received-before.Received), float64(after.Deleted-before.Deleted)
	made := func(action string) float64 { return float64(after.Requests[action] - before.Requests[action]) }
	c.received = append(c.received, received/made("ReceiveMessage"))
	c.deleted = append(c.deleted, deleted/made("DeleteMessageBatch"))
	c.requests = append(c.requests, sends+float64(after.Asked()-before.Asked())/deleted)
	c.rate = append(c.rate, deleted/elapsed.Seconds())
	hooked := 0
	for action, a := range now {
		hooked += a.requests - told[action].requests
	}
	gone := now["DeleteMessageBatch"].messages - told["DeleteMessageBatch"].messages
	c.hooked = append(c.hooked, sends+float64(hooked)/float64(gone))
}

// about is a handler that takes d on average: at random from half of it to one and a half.
func about(d time.Duration) worker.HandlerFunc {
	return func(ctx context.Context, _ *worker.Message) error {
		if d == 0 {
			return nil
		}
		return sdk.Rest(ctx, d/2+rand.N(d))
	}
}
