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
	"github.com/quayside-go/quayside/benchmarks/worker/internal/remote"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

// child tells whether the arguments make this program one of its own children.
func child(args []string) bool {
	return len(args) > 0 && (args[0] == remote.Argument || args[0] == holderArgument)
}

// beChild is such a child. It ends with standard input, which is as long as its parent's life.
func beChild(ctx context.Context, args []string, out io.Writer) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		end()
	}()
	if args[0] == remote.Argument {
		return remote.Serve(ctx, out)
	}
	return beHolder(ctx, out, args[1:])
}

// run is the program: the comparison, or a process that it starts.
func run(ctx context.Context, args []string, out, log io.Writer) error {
	if child(args) {
		return beChild(ctx, args, out)
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
	return b.all(some)
}

// options are the command line's.
type options struct {
	quick, markdown bool
	only, profile   string
	rounds          int
}

func (o *options) flags(log io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet("worker", flag.ContinueOnError)
	f.SetOutput(log)
	f.BoolVar(&o.quick, "quick", false, "take about two minutes: fewer and shorter rounds")
	f.BoolVar(&o.markdown, "markdown", false, "write the tables as Markdown")
	f.StringVar(&o.only, "only", "", "measure only `names` (comma-separated) of those below")
	f.IntVar(&o.rounds, "rounds", 0, "`number` of rounds of everything, three times as many of processor time (default: 5; quick: 1)")
	f.StringVar(&o.profile, "cpuprofile", "", "write a processor profile of one more round of the worker to that `file` (by local, or else by cpu)")
	f.Usage = func() {
		fmt.Fprintln(log, "usage: worker [flags]\n\nflags:")
		f.PrintDefaults()
		fmt.Fprintln(log, "\nmeasures:")
		for _, m := range measures {
			fmt.Fprintf(log, "  %-12s %s\n", m.name, m.what)
		}
	}
	return f
}

func (o *options) bench(ctx context.Context, out, log io.Writer) (*bench, error) {
	b := &bench{
		ctx: ctx, plan: thorough, progress: progressTo(log), profile: o.profile,
		report: &report.Report{Out: out, Markdown: o.markdown},
	}
	if o.quick {
		b.plan = quick
	}
	if o.rounds < 0 {
		return nil, fmt.Errorf("-rounds must be more than 0")
	}
	if o.rounds > 0 {
		b.plan.rounds, b.plan.races = o.rounds, 3*o.rounds
	}
	return b, nil
}
