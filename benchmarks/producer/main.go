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
		Name: "producer", Title: "quayside's producer", Doc: doc,
		Takes: "about half a minute", Round: "everything (default: 9; quick: 3)",
		Measures: measures, Targets: targets, Modules: []string{"github.com/aws/aws-sdk-go-v2/service/sqs"},
		New:  newBench,
		Says: func(b *bench) string { return fmt.Sprintf("medians of %d rounds", b.plan.rounds) },
	}
}

func newBench(r *program.Run) (*bench, error) {
	b := &bench{ctx: r.Ctx, plan: thorough, progress: r.Progress, report: r.Report}
	if r.Quick {
		b.plan = quick
	}
	if r.Rounds > 0 {
		b.plan.rounds = r.Rounds
	}
	return b, nil
}
