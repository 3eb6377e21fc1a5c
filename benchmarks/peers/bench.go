package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/quayside-go/quayside/benchmarks/internal/program"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// bench is one run.
type bench struct {
	ctx      context.Context
	plan     plan
	report   *report.Report
	progress func(format string, args ...any) // says on standard error what is measured now
	peers    []peer
	senders  []sender
}

// measures are all, in the order they are made.
var measures = []program.Measure[*bench]{
	{Name: "load", What: "messages a second, requests, processor time and allocations of workers that have enough to do", Run: (*bench).load},
	{Name: "latency", What: "from send to handled, at a moderate rate", Run: (*bench).latency},
	{Name: "outlive", What: "handlers that outlive the visibility timeout: what is handled twice", Run: (*bench).outlive},
	{Name: "restart", What: "SIGTERM under load: what is handled twice or never, and how long it takes to end", Run: (*bench).restart},
	{Name: "send", What: "messages a second and requests of producers", Run: (*bench).sendMany},
	{Name: "send-one", What: "time of one message after the other", Run: (*bench).sendOne},
}

// nameAbsent says what cannot be compared.
func (b *bench) nameAbsent() {
	for _, p := range b.peers {
		if p.absent != "" {
			b.report.Skip(p.name, errors.New(p.absent))
		}
	}
	for _, s := range b.senders {
		if s.absent != "" {
			b.report.Skip(s.name, errors.New(s.absent))
		}
	}
}

// queues gives every queue of a run a name of its own.
var queues atomic.Int64

func newName() string { return fmt.Sprintf("orders-%d", queues.Add(1)) }
