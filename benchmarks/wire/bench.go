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

	quayside, durable, ceiling, fixed, raw subject
	peers                                  []subject

	dir     string             // of the directories that processes have
	running map[string]*server // those of the measures of throughput: see up
}

// measures returns all, in the order they are run.
func measures() []program.Measure[*bench] {
	var all []program.Measure[*bench]
	for _, w := range workloads {
		all = append(all, program.Measure[*bench]{Name: w.name, What: w.title, Run: func(b *bench) error { return b.throughput(w) }})
	}
	alone := func(name, what string, run func(*bench) error) program.Measure[*bench] {
		return program.Measure[*bench]{Name: name, What: what, Run: func(b *bench) error {
			b.clear()
			return run(b)
		}}
	}
	return append(all, []program.Measure[*bench]{
		{Name: "depth", What: "batch cycle by depth of the queue", Run: (*bench).depth},
		{Name: "empty", What: "rate of draining a queue until it is empty, by how many messages waited", Run: (*bench).empty},
		{Name: "fifo", What: "batch cycle on a FIFO queue, by the number of groups", Run: (*bench).fifo},
		{Name: "sdk", What: "sends and batch cycle by the AWS SDK", Run: (*bench).sdkClient},
		alone("wake", "long poll woken by a send", (*bench).wake),
		alone("drain", "rate of draining, by how many messages wait", (*bench).drain),
		alone("memory", "resident with 100,000 messages of 1 KB", (*bench).memory),
		alone("start", "start to first answer", (*bench).startup),
		alone("parked", "10,000 parked long polls", (*bench).parked),
		alone("idle", "10,000 connections that send nothing, or half a head", (*bench).idle),
	}...)
}
