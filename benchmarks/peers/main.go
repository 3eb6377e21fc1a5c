package main

import (
	"context"
	_ "embed"
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
	return program.Program[*bench]{
		Name: "peers", Title: "quayside beside other libraries", Doc: doc,
		Takes: "about two minutes", Round: "everything (default: 3; quick: 1)",
		Measures: measures, Targets: targets,
		Modules: []string{"github.com/aws/aws-sdk-go-v2", "github.com/aws/aws-sdk-go-v2/service/sqs", gocloudModule},
		New:     newBench, Before: (*bench).nameAbsent,
		Says: func(b *bench) string { return fmt.Sprintf("medians of %d rounds", b.plan.rounds) },
		Child: map[string]program.Child{
			remote.Argument: program.UntilAlone(func(ctx context.Context, _ []string, out io.Writer) error { return remote.Serve(ctx, out) }),
			workerArgument:  program.UntilAlone(beWorker),
		},
	}
}

func newBench(r *program.Run) (*bench, error) {
	b := &bench{ctx: r.Ctx, plan: thorough, progress: r.Progress, report: r.Report, peers: peers, senders: sending}
	if r.Quick {
		b.plan = quick
	}
	if r.Rounds > 0 {
		b.plan.rounds = r.Rounds
	}
	return b, nil
}
