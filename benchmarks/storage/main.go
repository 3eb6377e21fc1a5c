package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/child"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "storage:", err)
		os.Exit(1)
	}
}

// run is the program: the comparison, or one of the stores that it compares.
func run(ctx context.Context, args []string, out, log io.Writer) (err error) {
	if len(args) > 0 && args[0] == child.Argument {
		signal.Ignore(os.Interrupt) // of the terminal, which asks the comparison to end
		return child.Serve(os.Stdin, out, args[1:])
	}
	var o options
	flags := o.flags(log)
	if err := flags.Parse(args); err != nil {
		if err == flag.ErrHelp {
			return nil
		}
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	some, err := chosen(o.only)
	if err != nil {
		return err
	}
	b, err := o.bench(ctx, out, log)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }() // a temporary directory: somebody clears it some day
	return b.all(some, o.csv)
}

// options are the command line's.
type options struct {
	quick, markdown        bool
	only, stores, dir, csv string
	messages, rounds       int
	soak                   time.Duration
}

func (o *options) flags(log io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet("storage", flag.ContinueOnError)
	f.SetOutput(log)
	f.BoolVar(&o.quick, "quick", false, "take about four minutes: fewer and shorter rounds, fewer messages")
	f.BoolVar(&o.markdown, "markdown", false, "write the tables as Markdown")
	f.StringVar(&o.csv, "csv", "", "also write every figure, with its least and greatest round, to that `file`")
	f.StringVar(&o.only, "only", "", "measure only `names` (comma-separated) of those below")
	f.StringVar(&o.stores, "stores", strings.Join(store.Compared, ","), "compare only those `kinds` (comma-separated)")
	f.StringVar(&o.dir, "dir", "", "keep the files beneath that `directory`, whose disk is measured (default: that for temporary files)")
	f.IntVar(&o.messages, "messages", 0, "`number` of messages of the backlog (default: 1,000,000; quick: 100,000)")
	f.IntVar(&o.rounds, "rounds", 0, "`number` of rounds of everything (default: 5; quick: 3)")
	f.DurationVar(&o.soak, "for", time.Hour, "how long the soak takes")
	f.Usage = func() {
		fmt.Fprintln(log, "usage: storage [flags]\n\nflags:")
		f.PrintDefaults()
		fmt.Fprintln(log, "\nmeasures (all but soak are made unless -only names some):")
		for _, m := range measures {
			fmt.Fprintf(log, "  %-8s %s\n", m.name, m.what)
		}
	}
	return f
}

// bench makes the directory that all is kept in.
func (o *options) bench(ctx context.Context, out, log io.Writer) (*bench, error) {
	b := &bench{
		ctx: ctx, plan: thorough, progress: progressTo(log), stores: strings.Split(o.stores, ","),
		report: &results{Report: report.Report{Out: out, Markdown: o.markdown}},
	}
	for _, kind := range b.stores {
		if !store.Known(kind) {
			return nil, fmt.Errorf("-stores: nothing is called %q; there are %s", kind, strings.Join(store.Compared, ", "))
		}
	}
	if o.quick {
		b.plan = quick
	}
	if o.messages < 0 || o.rounds < 0 || o.soak <= 0 {
		return nil, fmt.Errorf("-messages, -rounds and -for must be more than 0")
	}
	if b.plan.soak = o.soak; o.messages > 0 {
		b.plan.messages = o.messages
	}
	if o.rounds > 0 {
		b.plan.rounds, b.plan.opens = o.rounds, o.rounds
	}
	var err error
	b.dir, err = os.MkdirTemp(o.dir, "quayside-storage-")
	if err == nil && machine.InMemory(b.dir) {
		b.progress("WARNING: %s is on a file system in memory, where a sync costs nothing: name another with -dir", b.dir)
	}
	return b, err
}
