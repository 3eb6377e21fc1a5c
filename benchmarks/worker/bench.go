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
	"github.com/quayside-go/quayside/benchmarks/worker/internal/remote"
)

// bench is one run.
type bench struct {
	ctx      context.Context
	plan     plan
	report   *report.Report
	progress func(format string, args ...any) // says on standard error what is measured now
	profile  string                           // file for a processor profile of the worker; "" for none
}

// measure is a part of a run.
type measure struct {
	name, what string
	run        func(*bench) error
}

// measures are all, in the order they are made.
var measures = []measure{
	{"cpu", "processor time of a message over HTTP, beside bare SDK calls", (*bench).cpu},
	{"local", "time and allocations of a message in process, beside bare calls", (*bench).local},
	{"batches", "requests a message, and how full they are, by load", (*bench).batches},
	{"idle", "requests of a worker that has nothing to do", (*bench).idle},
	{"connections", "connections that a busy worker opens", (*bench).connections},
	{"ramp", "from idle to all handlers at once", (*bench).ramp},
	{"memory", "resident with messages of 1 MiB", (*bench).memory},
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
	fmt.Fprintf(b.report.Out, "quayside's worker: %s/%s, %d cores, %s; medians of %d rounds of processor time, %d of the rest\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), b.plan.races, b.plan.rounds)
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

// skip says aloud that something is not measured, and why. It returns nil.
func (b *bench) skip(what string, why error) error {
	b.report.Flush()
	_, err := fmt.Fprintf(b.report.Out, "\nSKIPPED %s: %v\n", what, why)
	return err
}

// queues gives every queue of a run a name of its own.
var queues atomic.Int64

func newName() string { return fmt.Sprintf("orders-%d", queues.Add(1)) }

// queue makes a queue on s. drop deletes it.
func (b *bench) queue(s *remote.Server) (name string, err error) {
	name = newName()
	return name, s.Create(b.ctx, name, visibility)
}

// progressTo returns a bench's progress.
func progressTo(w io.Writer) func(string, ...any) {
	start := time.Now()
	return func(format string, args ...any) {
		fmt.Fprintf(w, "%4.0fs  %s\n", time.Since(start).Seconds(), fmt.Sprintf(format, args...))
	}
}
