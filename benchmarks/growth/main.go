package main

import (
	_ "embed"
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/internal/program"
)

//go:embed doc.go
var doc string

func main() { comparison().Main() }

// comparison is the program.
func comparison() program.Program[*bench] {
	return program.Program[*bench]{
		Name: "growth", Title: "quayside's engine in process", Doc: doc,
		Takes: "about half a minute, with a million messages at most", Round: "everything (default: 5; quick: 3)",
		Measures: measures, Targets: targets, Modules: []string{"github.com/aws/aws-sdk-go-v2/service/sqs"},
		New: newBench,
		Says: func(b *bench) string {
			return fmt.Sprintf("messages of 100 bytes, medians of %d rounds", b.plan.rounds)
		},
		Child: map[string]program.Child{queuesArgument: beQueues, receiversArgument: beReceivers},
	}
}

// newBench builds what is to be run.
func newBench(r *program.Run) (*bench, error) {
	b := &bench{ctx: r.Ctx, plan: thorough, report: r.Report, progress: r.Progress, run: output, available: availableMemory}
	if r.Quick {
		b.plan = quick
	}
	if r.Rounds > 0 {
		b.plan.rounds = r.Rounds
	}
	dir, err := r.Dir("")
	if err != nil {
		return nil, err
	}
	b.progress("building the tests of the engine, of the codec and of localqueue")
	b.binaries, err = build(r.Ctx, dir)
	return b, err
}
