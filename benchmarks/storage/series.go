package main

import (
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/child"
)

// series is what one store reached under one load, a value a round.
type series struct {
	rate         []float64 // messages a second
	p50, p99     []float64 // of a call, in seconds
	cpu, written []float64 // processor seconds, and bytes to the disk, a message
}

// add adds a round.
func (s *series) add(x child.Spent) {
	n := float64(x.Messages)
	s.rate = append(s.rate, n/x.Elapsed.Seconds())
	s.p50 = append(s.p50, x.P50.Seconds())
	s.p99 = append(s.p99, x.P99.Seconds())
	s.cpu = append(s.cpu, report.Known(x.CPU.Seconds()/n))
	s.written = append(s.written, report.Known(float64(x.Written)/n))
}

// columns of every table of series.
var columns = []string{"messages/s", "p50 us", "p99 us", "CPU us/message", "bytes written/message"}

func (s *series) columns() []string {
	return []string{
		report.Count(stats.Median(s.rate)), report.Micros(stats.Median(s.p50)), report.Micros(stats.Median(s.p99)),
		report.Micros(stats.Median(s.cpu)), report.Whole(stats.Median(s.written)),
	}
}

// note keeps the series.
func (s *series) note(r *report.Report, measure, store string, at report.Load) {
	r.Note(measure, store, at, "rate", "messages/s", s.rate...)
	r.Note(measure, store, at, "p50 of a call", "s", s.p50...)
	r.Note(measure, store, at, "p99 of a call", "s", s.p99...)
	r.Note(measure, store, at, "processor time", "s/message", s.cpu...)
	r.Note(measure, store, at, "written", "bytes/message", s.written...)
}
