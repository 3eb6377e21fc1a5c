package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"

	"github.com/quayside-go/quayside/benchmarks/internal/program"
	"github.com/quayside-go/quayside/benchmarks/wire/internal/yardstick"
)

//go:embed doc.go
var doc string

func main() { comparison().Main() }

// comparison is the program.
func comparison() program.Program[*bench] {
	o := options{peers: allPeers()}
	return program.Program[*bench]{
		Name: "wire", Title: "quayside on the wire", Doc: doc,
		Takes:    "about a minute",
		Round:    "throughput, latencies and draining (default: 25, 7 and 101; quick: 9, 5 and 31)",
		Measures: measures(), Targets: targets,
		Flags: o.flags, New: o.bench, Says: (*bench).says, After: (*bench).clear,
		Child: map[string]program.Child{yardstickArgument: beYardstick},
	}
}

// beYardstick is one of the yardsticks: its kind, and the bytes of a message.
func beYardstick(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 2 {
		return fmt.Errorf("%d arguments, want a kind of yardstick and the bytes of a message", len(args))
	}
	body, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	return yardstick.Serve(ctx, out, args[0], body)
}

// options are the command line's, but for those that all programs have.
type options struct {
	peers    peerNames
	sdk      bool
	quayside string
	deepest  int
}

func (o *options) flags(f *flag.FlagSet) {
	f.Var(&o.peers, "peers", "other servers to compare with, `names` separated by commas, or none")
	f.BoolVar(&o.sdk, "sdk-headers", false, "send the headers that an AWS SDK adds, an Authorization among them")
	f.StringVar(&o.quayside, "quayside", "", "compare that `program` rather than one built from the module around this")
	f.IntVar(&o.deepest, "deepest", 0, "`number` of messages in the deepest queue that is drained (default: 1,000,000)")
}

// bench makes the servers ready to start.
func (o *options) bench(r *program.Run) (*bench, error) {
	b := &bench{
		ctx: r.Ctx, plan: thorough, sdk: o.sdk, report: r.Report, progress: r.Progress,
		ceiling: yardstickOf("ceiling"), fixed: yardstickOf("fixed"), raw: yardstickOf("raw"),
	}
	if r.Quick {
		b.plan = quick
	}
	if n := r.Rounds; n > 0 {
		b.plan.races, b.plan.rounds, b.plan.drains = n, n, n
	}
	if o.deepest < 0 {
		return nil, errors.New("-deepest must be more than 0")
	}
	if o.deepest > 0 {
		b.plan.deepest = o.deepest
	}
	dir, err := r.Dir("") // of programs that are built, and of what servers write
	if err != nil {
		return nil, err
	}
	b.dir = dir
	b.progress("building quayside")
	if b.quayside, b.durable, err = findQuayside(r.Ctx, o.quayside, dir); err != nil {
		return nil, err
	}
	b.addPeers(dir, o.peers)
	return b, nil
}

// says what the first line says of the rounds, and of the requests.
func (b *bench) says() string {
	s := fmt.Sprintf("medians of %d rounds", b.plan.races)
	if b.sdk {
		s += "\nrequests have the headers of an SDK"
	}
	return s
}
