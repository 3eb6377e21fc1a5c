package main

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/worker"
)

// beforeIdle is how many messages a worker handles before it has nothing to do: what it does then must end.
const beforeIdle = 2_000

// idle counts the requests that a worker begins while its queue is empty, which it was not before.
func (b *bench) idle() error {
	s, err := remote.Start(b.ctx)
	if err != nil {
		return err
	}
	defer s.Stop()
	queue, err := b.queue(s)
	if err != nil {
		return err
	}
	over := sdk.Far(0)
	defer over.CloseIdleConnections()
	var handled atomic.Int64
	r := b.start(sdk.New(s.URL(), over), queue, b.plan.ramp, func(context.Context, *worker.Message) error {
		handled.Add(1)
		return nil
	})
	defer r.stop()
	b.progress("idle, for %v", b.plan.idle)
	if err := s.Fill(b.ctx, queue, beforeIdle, smallSize); err != nil {
		return err
	}
	for handled.Load() < beforeIdle {
		if err := r.during(b.ctx, 10*time.Millisecond); err != nil {
			return fmt.Errorf("%d messages of %d were handled: %w", handled.Load(), beforeIdle, err)
		}
	}
	if err := r.during(b.ctx, time.Second); err != nil { // the last deletes
		return err
	}
	before, err := s.Counts(b.ctx, queue)
	if err != nil {
		return err
	}
	cpu := ownCPU()
	if err := r.during(b.ctx, b.plan.idle); err != nil {
		return err
	}
	used := (ownCPU() - cpu).Seconds() / b.plan.idle.Seconds()
	after, err := s.Counts(b.ctx, queue)
	if err != nil {
		return err
	}
	n := float64(after.Asked() - before.Asked())
	due := math.Ceil(b.plan.idle.Seconds() / longPoll.Seconds())
	b.report.Table(fmt.Sprintf("Idle for %v, after %d messages, %d handlers", b.plan.idle, beforeIdle, b.plan.ramp),
		"requests", "one in 20 s is", "CPU").Row(report.Whole(n), report.Whole(due), report.Written(report.Known(used)*100, "%.3f %%"))
	b.report.Note("idle", "quayside", report.Load{}, "requests", "requests", n)
	b.report.Note("idle", "quayside", report.Load{}, "processor time", "s/s", report.Known(used))
	b.report.Reach("idle", report.Whole(n), report.Whole(due), n/due)
	return r.end()
}
