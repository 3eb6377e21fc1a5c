package main

import (
	"context"

	"github.com/quayside-go/quayside/benchmarks/internal/program"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// bench is one run.
type bench struct {
	ctx      context.Context
	plan     plan
	sdk      bool // requests have the headers of an SDK
	report   *report.Report
	progress func(format string, args ...any) // says on standard error what is measured now

	quayside, ceiling, fixed, raw subject
	peers                         []subject
}

// measures returns all, in the order they are run.
func measures() []program.Measure[*bench] {
	var all []program.Measure[*bench]
	for _, w := range workloads {
		all = append(all, program.Measure[*bench]{Name: w.name, What: w.title, Run: func(b *bench) error { return b.throughput(w) }})
	}
	return append(all, []program.Measure[*bench]{
		{Name: "wake", What: "long poll woken by a send", Run: (*bench).wake},
		{Name: "drain", What: "rate of draining, by how many messages wait", Run: (*bench).drain},
		{Name: "memory", What: "resident with 100,000 messages of 1 KB", Run: (*bench).memory},
		{Name: "start", What: "start to first answer", Run: (*bench).startup},
		{Name: "parked", What: "10,000 parked long polls", Run: (*bench).parked},
		{Name: "idle", What: "10,000 connections that send nothing, or half a head", Run: (*bench).idle},
		{Name: "depth", What: "batch cycle by depth of the queue, beside the peers", Run: (*bench).depth},
	}...)
}
