package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/program"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// bench is one run.
type bench struct {
	ctx      context.Context
	plan     plan
	report   *report.Report
	progress func(format string, args ...any) // says on standard error what is measured now
}

// plan says how much is measured.
type plan struct {
	rounds   int
	messages int // in a round of throughput
	single   int // in a round of latency
}

var (
	thorough = plan{rounds: 9, messages: 100_000, single: 5_000}
	quick    = plan{rounds: 3, messages: 100_000, single: 2_000}
)

// What does not change with the plan.
const (
	bodySize = 256
	senders  = 64              // goroutines
	behind   = 25              // messages that a goroutine sends before it waits for their answers
	atHand   = 10_000          // messages that SendAll gets at once
	patience = 2 * time.Minute // for a round, which should take seconds
)

// measures are all, in the order they are made.
var measures = []program.Measure[*bench]{
	{Name: "process", What: "messages a second and requests a message, in process", Run: (*bench).inProcess},
	{Name: "http", What: "messages a second and requests a message, over HTTP", Run: (*bench).overHTTP},
	{Name: "latency", What: "time of one message after the other", Run: (*bench).latency},
}

// queues gives every queue of a run a name of its own.
var queues atomic.Int64

func newName() string { return fmt.Sprintf("orders-%d", queues.Add(1)) }
