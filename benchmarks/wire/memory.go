package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

const (
	loaded       = 100_000 // messages
	loadedLimit  = 160e6   // bytes resident, the bound
	afterLoading = 5 * time.Second
)

// memory measures what a server with 100,000 waiting messages of 1 KB keeps resident: once they are
// sent, and five seconds later. The larger of the two is judged.
func (b *bench) memory() error {
	var empty, right, peak, later, judged []float64
	for i := range b.plan.loads {
		b.progress("memory, load %d of %d", i+1, b.plan.loads)
		got, err := b.memoryOnce()
		if errors.Is(err, errors.ErrUnsupported) {
			b.report.Skip("memory", err)
			return nil
		}
		if err != nil {
			return err
		}
		empty, right, peak, later = append(empty, got[0]), append(right, got[1]), append(peak, got[2]), append(later, got[3])
		judged = append(judged, max(got[1], got[3]))
	}
	t := b.report.Table(fmt.Sprintf("Resident memory with %d messages of %d bytes (bodies alone: %s)", loaded, bodySize, report.Megabytes(loaded*bodySize)),
		"before", "once loaded", "5 s later", "peak until loaded")
	t.Row(report.Megabytes(stats.Median(empty)), report.Megabytes(stats.Median(right)), report.Megabytes(stats.Median(later)), report.Megabytes(stats.Median(peak)))
	for _, x := range []struct {
		when  string
		bytes []float64
	}{{"before", empty}, {"once loaded", right}, {"5 s later", later}, {"peak until loaded", peak}} {
		b.report.Note("memory", "quayside", report.Under(x.when), "resident", "bytes", x.bytes...)
	}
	b.report.Plot(report.Plot{
		Name: "memory", Title: fmt.Sprintf("Resident with %d messages of 1 KB", loaded),
		Measure: "memory", What: "resident", Y: "MB", PerUnit: 1e6,
	})
	m := stats.Median(judged)
	b.report.Reach("memory", report.Megabytes(m), report.Megabytes(loadedLimit), m/loadedLimit)
	return nil
}

// memoryOnce returns resident bytes before, right after and five seconds after loading; between the last
// two the peak until then.
func (b *bench) memoryOnce() (got [4]float64, err error) {
	s, err := b.run(b.quayside)
	if err != nil {
		return got, err
	}
	defer s.close()
	q, err := s.newQueue(bodySize)
	if err != nil {
		return got, err
	}
	before, _, err := s.process.Memory()
	if err != nil {
		return got, err
	}
	if err := s.load(q, loaded); err != nil {
		return got, err
	}
	now, peak, err := s.process.Memory()
	if err != nil {
		return got, err
	}
	if err := rest(b.ctx, afterLoading); err != nil {
		return got, err
	}
	later, _, err := s.process.Memory()
	return [4]float64{float64(before), float64(now), float64(peak), float64(later)}, err
}

// rest waits for d, or until ctx is done and then returns its error.
func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
