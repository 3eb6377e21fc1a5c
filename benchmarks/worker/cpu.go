package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/worker"
)

// spent is what the messages of a round took.
type spent struct {
	elapsed time.Duration
	cpu     time.Duration // of this process; 0 where the system does not tell
	allocs  uint64
}

// measured does something and says what it took.
func measured(do func() error) (spent, error) {
	runtime.GC() // of what was before
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := ownCPU(), time.Now()
	err := do()
	got := spent{elapsed: time.Since(start), cpu: ownCPU() - cpu}
	runtime.ReadMemStats(&after)
	got.allocs = after.Mallocs - before.Mallocs
	return got, err
}

// ownCPU is the processor time of this process.
func ownCPU() time.Duration {
	d, err := process.CPU(os.Getpid())
	if err != nil {
		return 0
	}
	return d
}

// series is what one caller took, a value a round, each of a message.
type series struct {
	elapsed, cpu, allocs []float64
	requests             []float64 // over HTTP
}

func (s *series) add(got spent, messages int) {
	n := float64(messages)
	s.elapsed = append(s.elapsed, got.elapsed.Seconds()/n)
	s.cpu = append(s.cpu, report.Known(got.cpu.Seconds()/n))
	s.allocs = append(s.allocs, float64(got.allocs)/n)
}

// note keeps the series.
func (s *series) note(r *report.Report, measure, caller string) {
	all := report.Load{}
	r.Note(measure, caller, all, "processor time", "s/message", s.cpu...)
	r.Note(measure, caller, all, "elapsed", "s/message", s.elapsed...)
	r.Note(measure, caller, all, "allocations", "allocations/message", s.allocs...)
	r.Note(measure, caller, all, "requests", "requests/message", s.requests...)
}

// plotCPU says what is shown of such series.
func (b *bench) plotCPU(measure, title string) {
	b.report.Plot(report.Plot{
		Name: measure, Title: title, Measure: measure, What: "processor time", Y: "processor time, us a message", PerUnit: 1e-6,
	})
}

// cpu compares the processor time that this process takes for a message. The server is another process.
func (b *bench) cpu() error {
	s, err := remote.Start(b.ctx)
	if err != nil {
		return err
	}
	defer s.Stop()
	b.progress("cpu, %d rounds", b.plan.races)
	over := sdk.Far(0)
	defer over.CloseIdleConnections()
	client := sdk.New(s.URL(), over)
	callers := []caller{bare, one, atOnce, quayside}
	round := func(c caller, took *series) error { return b.overHTTP(s, client, c, bodySize, took) }
	all, err := b.race(callers, b.plan.races, round)
	if err != nil {
		return err
	}
	t := b.report.Table("Over HTTP, handlers that do nothing: of a message", "client", "CPU us", "x bare", "allocations", "requests", "messages/s")
	for i, c := range callers {
		x := all[i]
		x.note(b.report, "cpu", c.name)
		t.Row(c.name, report.Micros(stats.Median(x.cpu)), report.Ratio(stats.Ratio(x.cpu, all[0].cpu)),
			report.Written(stats.Median(x.allocs), "%.1f"), report.Written(stats.Median(x.requests), "%.3f"),
			report.Count(1/stats.Median(x.elapsed)))
	}
	b.plotCPU("cpu", "Over HTTP, a message that is received, handled and deleted")
	last := all[len(all)-1]
	b.report.Reach("cpu", report.Micros(stats.Median(last.cpu))+" us", report.Micros(stats.Median(all[0].cpu))+" us",
		stats.Ratio(last.cpu, all[0].cpu))
	return b.profiled("cpu", round)
}

// overHTTP is a round of one caller: all messages of a queue, of size bytes each.
func (b *bench) overHTTP(s *remote.Server, client worker.Client, c caller, size int, took *series) error {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	queue, err := b.queue(s)
	if err != nil {
		return err
	}
	if err := s.Fill(ctx, queue, b.plan.messages, size); err != nil {
		return err
	}
	before, err := s.Counts(ctx, queue)
	if err != nil {
		return err
	}
	got, err := measured(func() error { return c.handle(ctx, client, queue, b.plan.messages) })
	if err != nil {
		return err
	}
	after, err := s.Counts(ctx, queue)
	if err != nil {
		return err
	}
	if n := int(after.Deleted); n != b.plan.messages {
		return fmt.Errorf("%d messages of %d were deleted", n, b.plan.messages)
	}
	took.add(got, b.plan.messages)
	took.requests = append(took.requests, float64(after.Asked()-before.Asked())/float64(b.plan.messages))
	return s.Drop(ctx, queue)
}
