package main

import "github.com/quayside-go/quayside/benchmarks/internal/report"

// note keeps what a server reached with so many connections.
func (s *series) note(r *report.Report, w workload, server string, conns int) {
	at := report.At(float64(conns), "connections")
	if conns == 1 {
		at = report.At(1, "connection")
	}
	r.Note(w.name, server, at, "rate", w.unit+"s/s", s.rate...)
	r.Note(w.name, server, at, "processor time", "s/"+w.unit, s.server...)
	r.Note(w.name, server, at, "processor time of the client", "s/"+w.unit, s.client...)
}

// plotThroughput says what is shown of a workload.
func (b *bench) plotThroughput(w workload) {
	b.report.Plot(report.Plot{Name: w.name, Title: w.title, Measure: w.name, What: "rate", Y: w.unit + "s/s"})
	b.report.Plot(report.Plot{
		Name: w.name + "-cpu", Title: w.title, Measure: w.name, What: "processor time",
		Y: "server CPU, us a " + w.unit, PerUnit: 1e-6, LogY: true,
	})
}

// plotLatency says what is shown of latencies.
func (b *bench) plotLatency(measure, title string) {
	b.report.Plot(report.Plot{Name: measure, Title: title, Measure: measure, What: "latency", Y: "ms", PerUnit: 1e-3, LogY: true})
}
