package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

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

// measure is a part of a run.
type measure struct {
	name, what string
	run        func(*bench) error
}

// measures returns all, in the order they are run.
func measures() []measure {
	var all []measure
	for _, w := range workloads {
		all = append(all, measure{w.name, w.title, func(b *bench) error { return b.throughput(w) }})
	}
	return append(all,
		measure{"wake", "long poll woken by a send", (*bench).wake},
		measure{"drain", "rate of draining 1,000, 100,000 and 1,000,000 messages", (*bench).drain},
		measure{"memory", "resident with 100,000 messages of 1 KB", (*bench).memory},
		measure{"start", "start to first answer", (*bench).startup},
		measure{"parked", "10,000 parked long polls", (*bench).parked},
		measure{"idle", "10,000 connections that send nothing, or half a head", (*bench).idle},
		measure{"depth", "batch cycle by depth of the queue, beside the peers", (*bench).depth},
	)
}

// chosen returns the measures with those names, comma-separated; all for none.
func chosen(names string) ([]measure, error) {
	all := measures()
	if names == "" {
		return all, nil
	}
	var some []measure
	for name := range strings.SplitSeq(names, ",") {
		found := false
		for _, m := range all {
			if m.name == name {
				some, found = append(some, m), true
			}
		}
		if !found {
			return nil, fmt.Errorf("-only: nothing is called %q", name)
		}
	}
	return some, nil
}

// all runs the measures and writes the verdicts.
func (b *bench) all(some []measure) error {
	start := time.Now()
	fmt.Fprintf(b.report.Out, "quayside on the wire: %s/%s, %d cores, %s; medians of %d rounds\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), b.plan.races)
	if b.sdk {
		fmt.Fprintln(b.report.Out, "requests have the headers of an SDK")
	}
	for _, m := range some {
		err := m.run(b)
		b.report.Flush()
		if err != nil {
			return err
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

// progressTo returns a bench's progress.
func progressTo(w io.Writer) func(string, ...any) {
	start := time.Now()
	return func(format string, args ...any) {
		fmt.Fprintf(w, "%4.0fs  %s\n", time.Since(start).Seconds(), fmt.Sprintf(format, args...))
	}
}
