package main

import (
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// groups measures FIFO queues with messages of more and more groups, beside standard queues.
func (b *bench) groups() error {
	cycle := func(name string) *lane {
		return b.benchmark(b.binaries.engine, "Life/engine/"+name, b.plan.time.String())
	}
	empty, emptyOne, yard := cycle("standard/0"), cycle("groups=1/0"), cycle(fmt.Sprint("standard/", million))
	var fifo []*lane
	for _, n := range b.plan.groups {
		fifo = append(fifo, cycle(fmt.Sprintf("groups=%d/%d", n, million)))
	}
	if err := b.race("groups", append([]*lane{empty, emptyOne, yard}, fifo...)...); err != nil {
		return err
	}
	t := b.report.Table("10 sent, received, deleted; of a message", "queue", "groups", "waiting", "ns", "x standard")
	row := func(kind, groups string, depth int, l, yard *lane) {
		t.Row(kind, groups, fmt.Sprint(depth), nanosOf(l.of("sec/msg")), report.Ratio(stats.Ratio(l.of("sec/msg"), yard.of("sec/msg"))))
	}
	row("standard", "-", 0, empty, empty)
	row("FIFO", "1", 0, emptyOne, empty)
	row("standard", "-", million, yard, yard)
	b.judgeTime("groups 1", emptyOne.of("sec/msg"), empty.of("sec/msg"))
	for i, n := range b.plan.groups {
		row("FIFO", fmt.Sprint(n), million, fifo[i], yard)
		b.noteGroups(n, fifo[i], yard)
	}
	b.report.Plot(report.Plot{
		Name: "groups", Title: "A message's life with 1,000,000 others waiting, by groups", Lines: true,
		Measure: "groups", What: "time", X: "message groups", Y: "ns a message", PerUnit: 1e-9, LogX: true, LogY: true,
	})
	return nil
}

// noteGroups keeps what so many groups take. The target of a single one is that of an empty queue.
func (b *bench) noteGroups(n int, fifo, yard *lane) {
	at := report.At(float64(n), "groups")
	b.report.Note("groups", "FIFO", at, "time", "s/message", fifo.of("sec/msg")...)
	b.report.Note("groups", "standard, without groups", at, "time", "s/message", yard.of("sec/msg")...)
	if n > 1 {
		b.judgeTime(fmt.Sprint("groups ", n), fifo.of("sec/msg"), yard.of("sec/msg"))
	}
}
