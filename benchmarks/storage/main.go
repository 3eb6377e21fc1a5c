package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/program"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/child"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

//go:embed doc.go
var doc string

func main() { comparison().Main() }

// comparison is the program.
func comparison() program.Program[*bench] {
	var o options
	return program.Program[*bench]{
		Name: "storage", Title: "quayside on disk", Doc: doc,
		Takes: "about four minutes, with fewer messages", Round: "everything (default: 5; quick: 3)",
		Measures: measures, Targets: targets, Modules: modules,
		Flags: o.flags, New: o.bench,
		Says: func(b *bench) string {
			return fmt.Sprintf("messages of %d bytes, medians of %d rounds", store.BodySize, b.plan.rounds)
		},
		Before: (*bench).before,
		Child:  map[string]program.Child{child.Argument: beStore, natsArgument: program.UntilAlone(beNATS)},
	}
}

// modules are those compared.
var modules = []string{"github.com/cockroachdb/pebble/v2", "go.etcd.io/bbolt", "modernc.org/sqlite", "github.com/nats-io/nats-server/v2"}

// beStore is one of the stores that are compared.
func beStore(_ context.Context, args []string, out io.Writer) error {
	signal.Ignore(os.Interrupt) // of the terminal, which asks the comparison to end
	return child.Serve(os.Stdin, out, args)
}

// options are the command line's, but for those that all programs have.
type options struct {
	stores, dir string
	peers       bool
	messages    int
	soak        time.Duration
}

func (o *options) flags(f *flag.FlagSet) {
	f.StringVar(&o.stores, "stores", strings.Join(store.Compared, ","), "compare only those `kinds` (comma-separated)")
	f.BoolVar(&o.peers, "peers", false, "also compare with Redis, which apt-get downloads if it is not installed")
	f.StringVar(&o.dir, "dir", "", "keep the files beneath that `directory`, whose disk is measured (default: that for temporary files)")
	f.IntVar(&o.messages, "messages", 0, "`number` of messages of the backlog (default: 1,000,000; quick: 100,000)")
	f.DurationVar(&o.soak, "for", time.Hour, "how long the soak takes")
}

// bench makes the directory that all is kept in.
func (o *options) bench(r *program.Run) (*bench, error) {
	b := &bench{ctx: r.Ctx, plan: thorough, progress: r.Progress, stores: strings.Split(o.stores, ","), peers: o.peers, report: r.Report}
	for _, kind := range b.stores {
		if !store.Known(kind) {
			return nil, fmt.Errorf("-stores: nothing is called %q; there are %s", kind, strings.Join(store.Compared, ", "))
		}
	}
	if r.Quick {
		b.plan = quick
	}
	if o.messages < 0 || o.soak <= 0 {
		return nil, fmt.Errorf("-messages and -for must be more than 0")
	}
	if b.plan.soak = o.soak; o.messages > 0 {
		b.plan.messages = o.messages
	}
	if r.Rounds > 0 {
		b.plan.rounds, b.plan.opens = r.Rounds, r.Rounds
	}
	var err error
	b.dir, err = r.Dir(o.dir)
	if err == nil && machine.InMemory(b.dir) {
		b.progress("WARNING: %s is on a file system in memory, where a sync costs nothing: name another with -dir", b.dir)
	}
	return b, err
}
