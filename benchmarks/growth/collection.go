package main

import (
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// Bounds.
const (
	overhead        = 100.0 // bytes that a waiting message may take beyond its body
	objects         = 0.01  // of the heap that it may be: its share in blocks of many
	collectionShare = 0.1   // of its yardstick's that a full collection may take, or else plainly
	collectionTime  = 10e-3 // so many seconds
	sendTime        = 5e-6  // seconds that all sends but one in a thousand may take while the collector runs
)

// collected are figures of what the collector does, as tables name them and as the benchmark does.
var collected = []struct{ name, unit string }{
	{"full collection", "collection-sec"}, {"longest pause", "pause-sec"},
	{"send meanwhile, p50", "send-p50-sec"}, {"send meanwhile, p99.9", "send-p99.9-sec"},
}

// keeper keeps many messages.
type keeper struct {
	*lane
	name  string
	depth int
}

// collection measures full collections with many messages there, and sends while the collector runs.
func (b *bench) collection() error {
	var keepers []keeper
	var lanes []*lane
	for _, n := range b.fitting(b.plan.collected, "messages", deepest, spent) {
		for _, kind := range []string{"engine", "objects"} {
			l := b.benchmark(b.binaries.engine, fmt.Sprintf("Collection/%s/%d", kind, n), "1x")
			keepers, lanes = append(keepers, keeper{l, kind, n}), append(lanes, l)
		}
	}
	if err := b.race("collection", lanes...); err != nil {
		return err
	}
	t := b.report.Table("Messages in the engine, and bodies that are an object each",
		"kept by", "messages", "bytes beyond the body", "heap objects each", "full collection", "longest pause", "send meanwhile, p50 us", "p99.9 us")
	for i, k := range keepers {
		b.noteCollection(k)
		t.Row(k.name, fmt.Sprint(k.depth), number(k.of("overhead-B/msg")), report.Written(stats.Median(k.of("objects/msg")), "%.4f"),
			report.Millis(stats.Median(k.of("collection-sec"))), report.Millis(stats.Median(k.of("pause-sec"))),
			report.Micros(stats.Median(k.of("send-p50-sec"))), report.Micros(stats.Median(k.of("send-p99.9-sec"))))
		if k.name == "engine" {
			b.judgeCollection(k, keepers[i+1])
		}
	}
	b.plotCollection()
	return nil
}

func (b *bench) noteCollection(k keeper) {
	at := report.At(float64(k.depth), "messages")
	for _, x := range collected {
		b.report.Note("collection", k.name, at, x.name, "s", k.of(x.unit)...)
	}
	b.report.Note("collection", k.name, at, "memory beyond the body", "bytes/message", k.of("overhead-B/msg")...)
	b.report.Note("collection", k.name, at, "heap objects", "objects/message", k.of("objects/msg")...)
}

// judgeCollection puts the engine beside what keeps as many messages in an object each.
func (b *bench) judgeCollection(k, yard keeper) {
	n := fmt.Sprint(k.depth)
	b.judgeEither("collection "+n, report.Millis, k.of("collection-sec"), yard.of("collection-sec"), collectionShare, collectionTime)
	b.judgeBound("send "+n, func(v float64) string { return report.Micros(v) + " us" }, k.of("send-p99.9-sec"), sendTime)
	if k.depth == million { // what is counted is the same with more
		b.judgeBound("overhead", func(v float64) string { return report.Written(v, "%.1f B") }, k.of("overhead-B/msg"), overhead)
		b.judgeBound("objects", func(v float64) string { return report.Written(v, "%.4f") }, k.of("objects/msg"), objects)
	}
}

func (b *bench) plotCollection() {
	p := report.Plot{Name: "collection", Title: "Full garbage collection", Measure: "collection", What: "full collection", Y: "ms", PerUnit: 1e-3, LogY: true}
	b.report.Plot(p)
	p.Name, p.Title, p.What = "pause", "Garbage collection: the longest pause of all else", "longest pause"
	b.report.Plot(p)
	b.report.Plot(report.Plot{
		Name: "send", Title: "Sends while the collector runs: p99.9", Measure: "collection", What: "send meanwhile, p99.9", Y: "us", PerUnit: 1e-6, LogY: true,
	})
}
