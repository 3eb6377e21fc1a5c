package main

import (
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// callAllocs is how many allocations a message may take in calls that are shaped like the SDK's.
const callAllocs = 4

// calls measures the SDK-shaped methods, beside the checksums alone that they have to compute.
func (b *bench) calls() error {
	sizes := []int{100, 1024}
	var lanes []*lane
	for _, n := range sizes {
		for _, kind := range []string{"md5", "cycle"} {
			lanes = append(lanes, b.benchmark(b.binaries.localqueue, fmt.Sprintf("SDK/%s/%d", kind, n), b.plan.time.String()))
		}
	}
	if err := b.race("calls", lanes...); err != nil {
		return err
	}
	t := b.report.Table("SendMessageBatch, ReceiveMessage and DeleteMessageBatch of 10, in process; of a message",
		"bytes", "ns", "MD5 alone, ns", "x MD5", "allocations")
	for i, n := range sizes {
		md5, cycle := lanes[2*i], lanes[2*i+1]
		took, its, allocs := cycle.of("sec/msg"), md5.of("sec/msg"), cycle.of("allocs/msg")
		t.Row(fmt.Sprint(n), nanosOf(took), nanosOf(its), report.Ratio(stats.Ratio(took, its)), number(allocs))
		at := report.At(float64(n), "bytes")
		b.report.Note("calls", "localqueue", at, "time", "s/message", took...)
		b.report.Note("calls", "MD5 alone", at, "time", "s/message", its...)
		b.report.Note("calls", "localqueue", at, "allocations", "allocations/message", allocs...)
		if n == 1024 {
			b.judgeTime("calls", took, its)
			b.judgeBound("calls allocations", func(v float64) string { return report.Written(v, "%.1f") }, allocs, callAllocs)
		}
	}
	b.report.Plot(report.Plot{
		Name: "calls", Title: "Calls in the shape of the SDK: sent, received, deleted", Measure: "calls", What: "time", Y: "ns a message", PerUnit: 1e-9,
	})
	return nil
}
