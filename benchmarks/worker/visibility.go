package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/worker"
)

// changing is a load of ChangeMessageVisibilityBatch.
type changing struct {
	what    string
	timeout time.Duration // of the queue, whole seconds
	handle  worker.HandlerFunc
}

var errTaken = errors.New("to be tried again")

// changes are visibility timeouts that are extended, of handlers that outlive the measure, and such as put failed
// messages off.
var changes = []changing{
	{"extended", 2 * time.Second, about(10 * time.Minute)},
	{"failed", visibility, func(ctx context.Context, m *worker.Message) error {
		if err := about(10*time.Millisecond)(ctx, m); err != nil {
			return err
		}
		return worker.RetryAfter(time.Hour, errTaken)
	}},
}

// visibility counts how many messages share a change of visibility.
func (b *bench) visibility() error {
	s, err := remote.Start(b.ctx)
	if err != nil {
		return err
	}
	defer s.Stop()
	together, rate := make([][]float64, len(changes)), make([][]float64, len(changes))
	for i := range b.plan.rounds {
		b.progress("visibility, round %d of %d", i+1, b.plan.rounds)
		for j, c := range changes {
			messages, requests, took, err := b.changed(s, c)
			if err != nil {
				return fmt.Errorf("%s: %w", c.what, err)
			}
			together[j] = append(together[j], float64(messages)/float64(requests))
			rate[j] = append(rate[j], float64(messages)/took.Seconds())
		}
	}
	t := b.report.Table(fmt.Sprintf("Changes of visibility, %d handlers", b.plan.ramp), "messages are", "changes/s", "changed together")
	for j, c := range changes {
		n := stats.Median(together[j])
		t.Row(c.what, report.Count(stats.Median(rate[j])), report.Ratio(n))
		b.report.Note("visibility", c.what, report.Load{}, "changed together", "messages/request", together[j]...)
		b.report.Reach(c.what, report.Ratio(n), "10", n/10)
	}
	return nil
}

// changed counts, by the worker's hook, what a load brings in the window.
func (b *bench) changed(s *remote.Server, c changing) (messages, requests int, took time.Duration, err error) {
	queue := newName()
	if err := s.Create(b.ctx, queue, c.timeout); err != nil {
		return 0, 0, 0, err
	}
	if err := s.Keep(b.ctx, queue, reserve, smallSize); err != nil {
		return 0, 0, 0, err
	}
	over := sdk.Far(0)
	defer over.CloseIdleConnections()
	r := b.start(sdk.New(s.URL(), over), queue, b.plan.ramp, c.handle)
	defer func() { err = errors.Join(err, r.end(), s.Drop(context.WithoutCancel(b.ctx), queue)) }()
	if err := r.during(b.ctx, b.plan.warm); err != nil {
		return 0, 0, 0, err
	}
	before, start := r.so()[change], time.Now()
	if err := r.during(b.ctx, b.plan.changes); err != nil {
		return 0, 0, 0, err
	}
	after := r.so()[change]
	if after.requests == before.requests {
		return 0, 0, 0, errors.New("nothing was changed")
	}
	return after.messages - before.messages, after.requests - before.requests, time.Since(start), nil
}

const change = "ChangeMessageVisibilityBatch"
