package main

import "github.com/quayside-go/quayside/benchmarks/internal/report"

// note keeps the series.
func (s *series) note(r *report.Report, measure, caller string) {
	rates := make([]float64, len(s.elapsed))
	for i, took := range s.elapsed {
		rates[i] = 1 / took
	}
	all := report.Load{}
	r.Note(measure, caller, all, "rate", "messages/s", rates...)
	r.Note(measure, caller, all, "requests", "requests/message", s.requests...)
	r.Note(measure, caller, all, "allocations", "allocations/message", s.allocs...)
}

// plotThroughput says what is shown of a measure of throughput.
func (b *bench) plotThroughput(key, heading string) {
	b.report.Plot(report.Plot{
		Name: key + "-rate", Title: heading + ": throughput", Measure: key, What: "rate", Y: "messages/s",
	})
	b.report.Plot(report.Plot{
		Name: key + "-requests", Title: heading + ": requests", Measure: key, What: "requests", Y: "requests a message",
	})
}
