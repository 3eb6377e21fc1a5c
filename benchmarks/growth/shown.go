package main

import (
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// nanos is a time in seconds, written in nanoseconds.
func nanos(seconds float64) string { return report.Written(seconds*1e9, "%.0f") }

// nanosOf is the median of times.
func nanosOf(seconds []float64) string { return nanos(stats.Median(seconds)) }

// number is a figure of its own, with one digit behind the point.
func number(v []float64) string { return report.Written(stats.Median(v), "%.1f") }

// judgeTime puts a time beside its yardstick's.
func (b *bench) judgeTime(key string, took, yardstick []float64) {
	b.report.Reach(key, nanosOf(took)+" ns", nanosOf(yardstick)+" ns", stats.Ratio(took, yardstick))
}

// judgeRate puts a rate beside its yardstick's. Both are given as times of a message.
func (b *bench) judgeRate(key string, took, yardstick []float64) {
	b.report.Reach(key, report.Count(1/stats.Median(took))+"/s", report.Count(1/stats.Median(yardstick))+"/s", stats.Ratio(yardstick, took))
}

// judgeEither puts a time beside the greater of two bounds: a share of its yardstick's, and one that is
// plainly set.
func (b *bench) judgeEither(key string, write func(float64) string, took, yardstick []float64, share, plain float64) {
	bounds := make([]float64, len(yardstick))
	for i, y := range yardstick {
		bounds[i] = max(share*y, plain)
	}
	b.report.Reach(key, write(stats.Median(took)), write(stats.Median(bounds)), stats.Ratio(took, bounds))
}

// judgeBound puts a figure beside a bound that is plainly set.
func (b *bench) judgeBound(key string, write func(float64) string, got []float64, bound float64) {
	m := stats.Median(got)
	b.report.Reach(key, write(m), write(bound), m/bound)
}
