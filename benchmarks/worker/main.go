package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"

	"github.com/quayside-go/quayside/benchmarks/internal/program"
	"github.com/quayside-go/quayside/benchmarks/internal/remote"
)

//go:embed doc.go
var doc string

func main() { comparison().Main() }

// comparison is the program.
func comparison() program.Program[*bench] {
	var o options
	return program.Program[*bench]{
		Name: "worker", Title: "quayside's worker", Doc: doc,
		Takes:    "about two minutes",
		Round:    "everything, three times as many of processor time (default: 5; quick: 1)",
		Measures: measures, Targets: targets, Modules: []string{"github.com/aws/aws-sdk-go-v2/service/sqs", "github.com/hibiken/asynq"},
		Flags: o.flags, New: o.bench,
		Says: func(b *bench) string {
			return fmt.Sprintf("medians of %d rounds of processor time, %d of the rest", b.plan.races, b.plan.rounds)
		},
		Child: map[string]program.Child{
			remote.Argument: program.UntilAlone(func(ctx context.Context, _ []string, out io.Writer) error { return remote.Serve(ctx, out) }),
			holderArgument:  program.UntilAlone(func(ctx context.Context, args []string, out io.Writer) error { return beHolder(ctx, out, args) }),
		},
	}
}

// options are the command line's, but for those that all programs have.
type options struct {
	profile string
	peers   bool
}

func (o *options) flags(f *flag.FlagSet) {
	f.BoolVar(&o.peers, "peers", false, "also compare with asynq, on a Redis that apt-get downloads if it is not installed")
	f.StringVar(&o.profile, "cpuprofile", "", "write a processor profile of one more round of the worker to that `file` (by local, or else by cpu)")
}

func (o *options) bench(r *program.Run) (*bench, error) {
	b := &bench{ctx: r.Ctx, plan: thorough, progress: r.Progress, profile: o.profile, peers: o.peers, report: r.Report}
	if r.Quick {
		b.plan = quick
	}
	if r.Rounds > 0 {
		b.plan.rounds, b.plan.races = r.Rounds, 3*r.Rounds
	}
	return b, nil
}
