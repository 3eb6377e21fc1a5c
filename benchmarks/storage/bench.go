package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/quayside-go/quayside/benchmarks/storage/internal/child"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

// bench is one run.
type bench struct {
	ctx      context.Context
	plan     plan
	report   *results
	progress func(format string, args ...any) // says on standard error what is measured now
	dir      string
	stores   []string // kinds that are compared
	warm     bool     // the page cache cannot be emptied, which was said
}

// measure is a part of a run.
type measure struct {
	name, what string
	run        func(*bench) error
}

// measures are all, in the order they are made.
var measures = []measure{
	{"calls", "durable enqueue; receive and durable delete", (*bench).calls},
	{"steady", "put, receive and delete at a constant depth; disk used", (*bench).steady},
	{"backlog", "load, crash, open, drain; disk afterwards", (*bench).backlog},
	{"memory", "memory of a message, by its state", (*bench).memory},
	{"http", "a cycle over HTTP, durable and in memory", (*bench).http},
	{"soak", "a constant depth for long: disk and memory must not grow", (*bench).soak},
}

// chosen returns the measures with those names, comma-separated; all but the soak for none.
func chosen(names string) ([]measure, error) {
	if names == "" {
		return slices.DeleteFunc(slices.Clone(measures), func(m measure) bool { return m.name == "soak" }), nil
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

// all makes the measures and writes the verdicts and, if it has a name, the file of figures.
func (b *bench) all(some []measure, csv string) error {
	start := time.Now()
	fmt.Fprintf(b.report.Out, "quayside on disk: %s/%s, %d cores, %s; messages of %d bytes, medians of %d rounds\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), store.BodySize, b.plan.rounds)
	if _, err := machine.Written(b.dir); err != nil {
		b.skip("bytes written to the disk", err)
	}
	err := b.each(some)
	b.report.Flush()
	if err == nil {
		b.report.Verdicts(targets)
		fmt.Fprintf(b.report.Out, "\n%v\n", time.Since(start).Round(time.Second))
	}
	if csv != "" { // what was measured before an error, too
		err = errors.Join(err, b.report.writeCSV(csv))
	}
	if err == nil {
		err = b.report.failed
	}
	return err
}

func (b *bench) each(some []measure) error {
	for _, m := range some {
		err := m.run(b)
		b.report.Flush()
		if b.ctx.Err() != nil {
			return b.ctx.Err() // which killed the processes, whatever they say of it
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// skip says aloud that something is not measured, and why.
func (b *bench) skip(what string, why error) {
	b.report.Flush()
	fmt.Fprintf(b.report.Out, "\nSKIPPED %s: %v\n", what, why)
}

// start starts a store with nothing in it. The caller drops it.
func (b *bench) start(kind string) (*child.Process, error) {
	dir, err := os.MkdirTemp(b.dir, kind+"-")
	if err != nil {
		return nil, err
	}
	return child.Start(b.ctx, kind, filepath.Join(dir, "data"), b.plan.segment)
}

// drop ends a store, however far it is, and removes its files.
func drop(p *child.Process) {
	if p != nil {
		p.Kill()
		_ = os.RemoveAll(filepath.Dir(p.Dir)) // what is left is removed with the run's directory
	}
}

// progressTo returns a bench's progress.
func progressTo(w io.Writer) func(string, ...any) {
	start := time.Now()
	return func(format string, args ...any) {
		fmt.Fprintf(w, "%4.0fs  %s\n", time.Since(start).Seconds(), fmt.Sprintf(format, args...))
	}
}
