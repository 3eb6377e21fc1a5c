package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

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

// measure is a part of a run.
type measure struct {
	name, what string
	run        func(*bench) error
}

// measures are all, in the order they are made.
var measures = []measure{
	{"process", "messages a second and requests a message, in process", (*bench).inProcess},
	{"http", "messages a second and requests a message, over HTTP", (*bench).overHTTP},
	{"latency", "time of one message after the other", (*bench).latency},
}

// chosen returns the measures with those names, comma-separated; all for none.
func chosen(names string) ([]measure, error) {
	if names == "" {
		return measures, nil
	}
	var some []measure
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(measures, func(m measure) bool { return m.name == name })
		if i < 0 {
			return nil, fmt.Errorf("-only: nothing is called %q", name)
		}
		some = append(some, measures[i])
	}
	return some, nil
}

// all makes the measures and writes the verdicts.
func (b *bench) all(some []measure) error {
	start := time.Now()
	fmt.Fprintf(b.report.Out, "quayside's producer: %s/%s, %d cores, %s; medians of %d rounds\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), b.plan.rounds)
	for _, m := range some {
		err := m.run(b)
		b.report.Flush()
		if b.ctx.Err() != nil {
			return b.ctx.Err() // whatever came of it
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	b.report.Verdicts(targets)
	fmt.Fprintf(b.report.Out, "\n%v\n", time.Since(start).Round(time.Second))
	return nil
}

// queues gives every queue of a run a name of its own.
var queues atomic.Int64

func newName() string { return fmt.Sprintf("orders-%d", queues.Add(1)) }

// progressTo returns a bench's progress.
func progressTo(w io.Writer) func(string, ...any) {
	start := time.Now()
	return func(format string, args ...any) {
		fmt.Fprintf(w, "%4.0fs  %s\n", time.Since(start).Seconds(), fmt.Sprintf(format, args...))
	}
}
