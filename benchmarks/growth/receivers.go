package main

import (
	"errors"
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// wakeTime is how long a send may take until a receiver that waits has the message, in the median.
const wakeTime = 5e-6

// receivers measures messages sent one by one to more and more receivers that wait.
func (b *bench) receivers() error {
	lanes := make([]*lane, len(b.plan.receivers))
	for i, n := range b.plan.receivers {
		lanes[i] = b.child(receiversArgument, fmt.Sprint(n), b.plan.time.String())
	}
	if err := b.race("receivers", lanes...); err != nil {
		return err
	}
	t := b.report.Table("A message sent to receivers that wait, and deleted",
		"receivers", "CPU us", "x of the fewest", "until received, p50 us", "p99 us")
	few := lanes[0].of("cpu-sec/msg")
	for i, n := range b.plan.receivers {
		cpu, p50, p99 := lanes[i].of("cpu-sec/msg"), lanes[i].of("p50-sec"), lanes[i].of("p99-sec")
		b.noteReceivers(n, cpu, p50, p99)
		t.Row(fmt.Sprint(n), report.Micros(stats.Median(cpu)), report.Ratio(stats.Ratio(cpu, few)),
			report.Micros(stats.Median(p50)), report.Micros(stats.Median(p99)))
		if n == parked {
			write := func(v float64) string { return report.Micros(v) + " us" }
			b.report.Reach("receivers CPU", write(stats.Median(cpu)), write(stats.Median(few)), stats.Ratio(cpu, few))
			b.judgeBound("receivers p50", write, p50, wakeTime)
		}
	}
	if len(few) == 0 {
		b.report.Skip("processor time of a message", errors.New("it is read on Linux only"))
	}
	b.report.Plot(report.Plot{
		Name: "receivers", Title: "A message sent to a receiver that waits, by receivers", Lines: true,
		Measure: "receivers", What: "processor time", X: "receivers waiting", Y: "processor time, us a message", PerUnit: 1e-6, LogX: true,
	})
	b.report.Plot(report.Plot{
		Name: "wake", Title: "From before the send until it is received, by receivers", Lines: true,
		Measure: "receivers", What: "latency", X: "receivers waiting", Y: "us", PerUnit: 1e-6, LogX: true, LogY: true,
	})
	return nil
}

// noteReceivers keeps what so many receivers take.
func (b *bench) noteReceivers(n int, cpu, p50, p99 []float64) {
	at := report.At(float64(n), "receivers")
	if n == 1 {
		at = report.At(1, "receiver")
	}
	b.report.Note("receivers", "quayside", at, "processor time", "s/message", cpu...)
	b.report.Note("receivers", "p50", at, "latency", "s", p50...)
	b.report.Note("receivers", "p99", at, "latency", "s", p99...)
}
