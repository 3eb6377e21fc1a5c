package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "producer:", err)
		os.Exit(1)
	}
}

// run is the program.
func run(ctx context.Context, args []string, out, log io.Writer) error {
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
	if o.rounds < 0 {
		return fmt.Errorf("-rounds must be more than 0")
	}
	b := &bench{
		ctx: ctx, plan: thorough, progress: progressTo(log),
		report: &report.Report{Out: out, Markdown: o.markdown},
	}
	if o.quick {
		b.plan = quick
	}
	if o.rounds > 0 {
		b.plan.rounds = o.rounds
	}
	return b.all(some)
}

// options are the command line's.
type options struct {
	quick, markdown bool
	only            string
	rounds          int
}

func (o *options) flags(log io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet("producer", flag.ContinueOnError)
	f.SetOutput(log)
	f.BoolVar(&o.quick, "quick", false, "take about half a minute: fewer and shorter rounds")
	f.BoolVar(&o.markdown, "markdown", false, "write the tables as Markdown")
	f.StringVar(&o.only, "only", "", "measure only `names` (comma-separated) of those below")
	f.IntVar(&o.rounds, "rounds", 0, "`number` of rounds (default: 9; quick: 3)")
	f.Usage = func() {
		fmt.Fprintln(log, "usage: producer [flags]\n\nflags:")
		f.PrintDefaults()
		fmt.Fprintln(log, "\nmeasures:")
		for _, m := range measures {
			fmt.Fprintf(log, "  %-12s %s\n", m.name, m.what)
		}
	}
	return f
}
