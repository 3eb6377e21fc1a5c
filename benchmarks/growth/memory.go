package main

import (
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// kept is what takes memory, as tables name it and as the benchmark does.
var kept = []struct{ name, unit string }{
	{"waiting, beyond its body", "B/message"}, {"delayed, besides", "B/delayed"}, {"a FIFO group, besides", "B/group"},
	{"a tenant of a fair queue, besides", "B/tenant"}, {"a deduplication id, besides", "B/dedup-id"},
}

// memory measures what the parts of a message take. It is counted, not timed: one round tells it.
func (b *bench) memory() error {
	if !b.plan.footprint {
		b.report.Skip("memory", errQuick)
		return nil
	}
	l := b.benchmark(b.binaries.engine, "Footprint", "1x")
	if err := b.raceFor(1, "memory", l); err != nil {
		return err
	}
	t := b.report.Table("Heap of a message of 1,000,000", "part", "bytes")
	for _, x := range kept {
		t.Row(x.name, report.Written(stats.Median(l.of(x.unit)), "%.1f"))
		b.report.Note("memory", "quayside", report.Under(x.name), "memory", "bytes", l.of(x.unit)...)
	}
	return nil
}
