package main

import (
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// steps are those of a message's life, as tables name them and as the benchmark does. The last is all of
// them, by tens.
var steps = []struct{ name, unit string }{
	{"send", "send-sec/msg"}, {"receive", "receive-sec/msg"}, {"change visibility", "change-sec/msg"},
	{"delete", "delete-sec/msg"}, {"cycle", "cycle-sec/msg"},
}

// depth measures each step of a message's life on queues in which more and more others wait.
func (b *bench) depth() error {
	depths := b.fitting(b.plan.depths, "messages", deepest, spent)
	lanes := make([]*lane, len(depths))
	for i, n := range depths {
		lanes[i] = b.benchmark(b.binaries.engine, fmt.Sprint("Depth/", n), b.plan.time.String())
	}
	if err := b.race("depth", lanes...); err != nil {
		return err
	}
	columns := []string{"waiting"}
	for _, s := range steps {
		columns = append(columns, s.name+", ns")
	}
	t := b.report.Table("Of a message", append(columns, "cycle, x of none waiting", "allocations of 2,000")...)
	for i, n := range depths {
		row := []string{fmt.Sprint(n)}
		for _, s := range steps {
			took := lanes[i].of(s.unit)
			b.noteDepth(s.name, n, took)
			row = append(row, nanosOf(took))
		}
		ratio := stats.Ratio(lanes[i].of("cycle-sec/msg"), lanes[0].of("cycle-sec/msg"))
		t.Row(append(row, report.Ratio(ratio), report.Whole(stats.Median(lanes[i].of("allocs/op"))))...)
		if n > 0 {
			b.judgeRate(fmt.Sprint("cycle ", n), lanes[i].of("cycle-sec/msg"), lanes[0].of("cycle-sec/msg"))
			b.judgeTime(fmt.Sprint("change ", n), lanes[i].of("change-sec/msg"), lanes[0].of("change-sec/msg"))
			b.judgeTime(fmt.Sprint("delete ", n), lanes[i].of("delete-sec/msg"), lanes[0].of("delete-sec/msg"))
		}
	}
	b.report.Plot(report.Plot{
		Name: "depth", Title: "Steps of a message's life, by how many wait", Lines: true,
		Measure: "depth", What: "time", X: "messages waiting", Y: "ns a message", PerUnit: 1e-9, LogX: true,
	})
	return nil
}

// noteDepth keeps a step's time. On a logarithmic axis there is no place for an empty queue: its figure has
// a name of its own.
func (b *bench) noteDepth(step string, n int, took []float64) {
	what := "time"
	if n == 0 {
		what = "time, none waiting"
	}
	b.report.Note("depth", step, report.At(float64(n), "waiting"), what, "s/message", took...)
}
