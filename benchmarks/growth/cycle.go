package main

import (
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// The cycle's bound is that share of its yardstick, or else plainly that time.
const (
	cycleShare = 1.5
	cyclePlain = 120e-9
)

// living is an engine in which messages live while others wait.
type living struct {
	*lane
	engine string
	depth  int
}

func (b *bench) living(engine, name string, depth int) living {
	return living{b.benchmark(b.binaries.engine, "Life/"+name, b.plan.time.String()), engine, depth}
}

// cycle measures the whole life of a message beside the least that it could take, a copy of its body and two
// locks, and beside the naive engine.
func (b *bench) cycle() error {
	rows := []living{
		b.living("a copy and 2 locks", "copy+2locks", 0),
		b.living("engine", "engine/standard/0", 0), b.living("naive", "naive/standard/0", 0),
	}
	if n := b.plan.deep; n > 0 {
		rows = append(rows, b.living("engine", fmt.Sprint("engine/standard/", n), n), b.living("naive", fmt.Sprint("naive/standard/", n), n))
	}
	lanes := make([]*lane, len(rows))
	for i, r := range rows {
		lanes[i] = r.lane
	}
	if err := b.race("cycle", lanes...); err != nil {
		return err
	}
	b.tabulateCycle(rows)
	yard, engine, naive := rows[0].of("sec/msg"), rows[1], rows[2]
	b.judgeEither("cycle", func(v float64) string { return nanos(v) + " ns" }, engine.of("sec/msg"), yard, cycleShare, cyclePlain)
	allocs := stats.Median(engine.of("allocs/op")) // of a stretch
	b.report.Reach("cycle allocations", report.Whole(allocs), "0", allocs)
	b.judgeRate("naive", engine.of("sec/msg"), naive.of("sec/msg"))
	if len(rows) > 3 {
		b.judgeRate("naive deep", rows[3].of("sec/msg"), rows[4].of("sec/msg"))
	}
	return nil
}

// tabulateCycle writes what was found. The first row is the yardstick's.
func (b *bench) tabulateCycle(rows []living) {
	t := b.report.Table("10 sent, received, deleted; of a message", "engine", "waiting", "ns", "x a copy and 2 locks", "allocations of 1,000")
	for _, r := range rows {
		took, allocs := r.of("sec/msg"), r.of("allocs/op")
		at := report.At(float64(r.depth), "waiting")
		b.report.Note("cycle", r.engine, at, "time", "s/message", took...)
		b.report.Note("cycle", r.engine, at, "allocations", "allocations/1000 messages", allocs...)
		t.Row(r.engine, fmt.Sprint(r.depth), nanosOf(took), report.Ratio(stats.Ratio(took, rows[0].of("sec/msg"))), report.Whole(stats.Median(allocs)))
	}
	b.report.Plot(report.Plot{
		Name: "cycle", Title: "A message sent, received and deleted, by tens", Measure: "cycle", What: "time", Y: "ns a message", PerUnit: 1e-9, LogY: true,
	})
}
