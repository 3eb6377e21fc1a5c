package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/quayside-go/quayside/benchmarks/internal/program"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/child"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
)

// bench is one run.
type bench struct {
	ctx      context.Context
	plan     plan
	report   *report.Report
	progress func(format string, args ...any) // says on standard error what is measured now
	dir      string
	stores   []string // kinds that are compared
	peers    bool     // Redis is compared, too
	warm     bool     // the page cache cannot be emptied, which was said
}

// measures are all, in the order they are made.
var measures = []program.Measure[*bench]{
	{Name: "calls", What: "durable enqueue; receive and durable delete", Run: (*bench).calls},
	{Name: "steady", What: "put, receive and delete at a constant depth; disk used", Run: (*bench).steady},
	{Name: "backlog", What: "load, crash, open, drain; disk afterwards", Run: (*bench).backlog},
	{Name: "memory", What: "memory of a message, by its state", Run: (*bench).memory},
	{Name: "http", What: "a cycle over HTTP, durable and in memory", Run: (*bench).http},
	{Name: "tcp", What: "durable enqueue beside other servers: NATS and Redis", Run: (*bench).tcp},
	{Name: "soak", What: "a constant depth for long: disk and memory must not grow", Run: (*bench).soak, Extra: true},
}

// before says what this machine does not tell.
func (b *bench) before() {
	if _, err := machine.Written(b.dir); err != nil {
		b.report.Skip("bytes written to the disk", err)
	}
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
