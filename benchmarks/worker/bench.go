package main

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/quayside-go/quayside/benchmarks/internal/program"
	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// bench is one run.
type bench struct {
	ctx      context.Context
	plan     plan
	report   *report.Report
	progress func(format string, args ...any) // says on standard error what is measured now
	peers    bool                             // asynq is compared, too
	profile  string                           // file for a processor profile of the worker; "" for none
}

// measures are all, in the order they are made.
var measures = []program.Measure[*bench]{
	{Name: "cpu", What: "processor time of a message over HTTP, beside bare SDK calls", Run: (*bench).cpu},
	{Name: "local", What: "time and allocations of a message in process, beside bare calls", Run: (*bench).local},
	{Name: "asynq", What: "messages handled a second, beside asynq", Run: (*bench).asynq},
	{Name: "batches", What: "requests a message, and how full they are, by load", Run: (*bench).batches},
	{Name: "visibility", What: "messages that share a change of visibility", Run: (*bench).visibility},
	{Name: "idle", What: "requests of a worker that has nothing to do", Run: (*bench).idle},
	{Name: "connections", What: "connections that a busy worker opens", Run: (*bench).connections},
	{Name: "ramp", What: "from idle to all handlers at once", Run: (*bench).ramp},
	{Name: "memory", What: "resident with messages of 1 MiB", Run: (*bench).memory},
}

// queues gives every queue of a run a name of its own.
var queues atomic.Int64

func newName() string { return fmt.Sprintf("orders-%d", queues.Add(1)) }

// queue makes a queue on s. drop deletes it.
func (b *bench) queue(s *remote.Server) (name string, err error) {
	name = newName()
	return name, s.Create(b.ctx, name, visibility)
}
