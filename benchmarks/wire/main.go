package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/wire/internal/yardstick"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "wire:", err)
		os.Exit(1)
	}
}

// run is the program: the comparison, or one of its yardsticks.
func run(ctx context.Context, args []string, out, log io.Writer) error {
	if len(args) == 3 && args[0] == yardstickArgument {
		body, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		return yardstick.Serve(ctx, out, args[1], body)
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
	dir, err := os.MkdirTemp("", "quayside-wire-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory: the system clears it some day
	b, err := o.bench(ctx, dir, out, log)
	if err != nil {
		return err
	}
	return b.all(some)
}

// options are the command line's.
type options struct {
	quick, peers, sdk bool
	only, quayside    string
}

func (o *options) flags(log io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet("wire", flag.ContinueOnError)
	f.SetOutput(log)
	f.BoolVar(&o.quick, "quick", false, "take about a minute: fewer and shorter rounds")
	f.BoolVar(&o.peers, "peers", false, "also compare with goaws, which is built, and with ElasticMQ, which Maven fetches")
	f.BoolVar(&o.sdk, "sdk-headers", false, "send the headers that an AWS SDK adds, an Authorization among them")
	f.StringVar(&o.only, "only", "", "measure only `names` (comma-separated) of those below")
	f.StringVar(&o.quayside, "quayside", "", "compare that `program` rather than one built from the module around this")
	f.Usage = func() {
		fmt.Fprintln(log, "usage: wire [flags]\n\nflags:")
		f.PrintDefaults()
		fmt.Fprintln(log, "\nmeasures:")
		for _, m := range measures() {
			fmt.Fprintf(log, "  %-8s %s\n", m.name, m.what)
		}
	}
	return f
}

// bench makes the servers ready to start. Programs that are built go to dir.
func (o *options) bench(ctx context.Context, dir string, out, log io.Writer) (*bench, error) {
	b := &bench{
		ctx: ctx, plan: thorough, sdk: o.sdk,
		report:   &report.Report{Out: out},
		progress: progressTo(log),
		ceiling:  yardstickOf("ceiling"), fixed: yardstickOf("fixed"), raw: yardstickOf("raw"),
	}
	if o.quick {
		b.plan = quick
	}
	var err error
	b.progress("building quayside")
	if b.quayside, err = findQuayside(ctx, o.quayside, dir); err != nil {
		return nil, err
	}
	if o.peers {
		err = b.addPeers(dir)
	}
	return b, err
}
