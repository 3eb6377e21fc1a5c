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

// prefetch sets what the worker of this measure may receive ahead. prefetched is how many bytes that is.
func prefetch(o *worker.Options) { o.Prefetch, o.PrefetchBytes = 64, prefetched }

const prefetched = 64 << 20

// bound is how many bytes a worker may have resident that has so many handlers for messages of 1 MiB. A
// message is received for a handler that is free, or ahead; so those that are held and those on their way
// are no more than the handlers and what is received ahead. One that is held is there once. One on its way
// is there up to three times: the SDK has the reply in a buffer that grew by doubling, and makes the message
// of it. All of them may be on their way at once. The collector lets the heap grow to twice what is live.
// The rest is the program itself, its stacks and connections.
func bound(handlers int) float64 {
	const (
		forms  = 3
		twice  = 2 // GOGC=100
		itself = 64 << 20
	)
	return float64((handlers*largeSize+prefetched)*forms*twice + itself)
}

// resident is what a worker had resident, in bytes, a value a round.
type resident struct{ before, holding, peak []float64 }

// memory measures what a worker has resident whose handlers hold large messages.
func (b *bench) memory() error {
	var all resident
	for i := range b.plan.rounds {
		b.progress("memory, round %d of %d", i+1, b.plan.rounds)
		err := b.held(&all)
		if errors.Is(err, errors.ErrUnsupported) {
			b.report.Skip("memory", err)
			return nil
		}
		if err != nil {
			return err
		}
	}
	limit := bound(b.plan.held)
	b.report.Table(fmt.Sprintf("Resident with messages of 1 MiB, held by %d handlers for %v", b.plan.held, b.plan.hold),
		"before", "while all hold one", "peak", "bodies held", "bound").
		Row(report.Megabytes(stats.Median(all.before)), report.Megabytes(stats.Median(all.holding)), report.Megabytes(stats.Median(all.peak)),
			report.Megabytes(float64(b.plan.held*largeSize)), report.Megabytes(limit))
	for _, x := range []struct {
		what  string
		bytes []float64
	}{{"before", all.before}, {"all hold one", all.holding}, {"peak", all.peak}, {"bound", []float64{limit}}} {
		b.report.Note("memory", "quayside", report.Under(x.what), "resident", "bytes", x.bytes...)
	}
	b.report.Plot(report.Plot{
		Name: "memory", Title: fmt.Sprintf("Resident with %d messages of 1 MiB at once", b.plan.held),
		Measure: "memory", What: "resident", Y: "MB", PerUnit: 1e6,
	})
	m := stats.Median(all.peak)
	b.report.Reach("memory", report.Megabytes(m), report.Megabytes(limit), m/limit)
	return nil
}

// held has a worker of its own process handle large messages, and looks at it from outside.
func (b *bench) held(all *resident) error {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	s, err := remote.Start(ctx)
	if err != nil {
		return err
	}
	defer s.Stop()
	queue, err := b.queue(s)
	if err != nil {
		return err
	}
	h, err := startHolder(ctx, s.URL(), queue, b.plan.held, b.plan.hold)
	if err != nil {
		return err
	}
	defer h.process.Stop()
	before, _, err := h.process.Memory()
	if err != nil {
		return err
	}
	if err := s.Fill(ctx, queue, b.plan.large, largeSize); err != nil {
		return err
	}
	holding := int64(0) // the most that was seen
	for {
		got, err := h.state(ctx)
		if err != nil {
			return err
		}
		now, peak, err := h.process.Memory()
		if err != nil {
			return err
		}
		if got.Now == b.plan.held {
			holding = max(holding, now)
		}
		if got.Handled >= b.plan.large {
			all.before = append(all.before, float64(before))
			all.holding = append(all.holding, report.Known(float64(holding)))
			all.peak = append(all.peak, float64(peak))
			return nil
		}
		if err := sdk.Rest(ctx, 50*time.Millisecond); err != nil {
			return fmt.Errorf("%d messages of %d were handled in %v, %d at once at most: %w", got.Handled, b.plan.large, patience, got.Most, err)
		}
	}
}
