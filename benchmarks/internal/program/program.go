// Package program is what the comparisons have in common: their command line, the order in which they
// measure, and what they write. Each says what is its own in a Program.
package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// Program is a comparison. B is what its measures share.
type Program[B any] struct {
	Name  string // of the command
	Title string // of the first line that it writes
	Doc   string // the source of its package comment, which explains the measures: see explained
	Takes string // what -quick takes: "about a minute"
	Round string // what -rounds counts, with its defaults: "everything (default: 5; quick: 3)"

	Measures []Measure[B]
	Targets  []report.Target
	Modules  []string // whose versions the results have

	Flags  func(*flag.FlagSet)   // of its own; nil: none
	New    func(*Run) (B, error) // makes what the measures share
	Says   func(B) string        // what the first line says of the rounds
	Before func(B)               // what there is to do before the first measure; nil: nothing
	After  func(B)               // what there is to do at the end, also after an error; nil: nothing
	Child  map[string]Child      // what it is when it starts itself, by its first argument
}

// Measure is a part of a run.
type Measure[B any] struct {
	Name, What string
	Run        func(B) error
	Extra      bool // it is made only by its name
}

// Child is a process that a program starts of itself. It gets the arguments behind the first.
type Child func(ctx context.Context, args []string, out io.Writer) error

// Main is the program, with the arguments of this process.
func (p Program[B]) Main() {
	if err := p.untilSignalled(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", p.Name, err)
		os.Exit(1)
	}
}

func (p Program[B]) untilSignalled() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return p.Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
}

// Run is the comparison, or a child of it.
func (p Program[B]) Run(ctx context.Context, args []string, out, log io.Writer) error {
	if child := p.child(args); child != nil {
		return child(ctx, args[1:], out)
	}
	var o options
	flags := p.flags(&o, log)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	some, err := p.chosen(o.only)
	if err != nil {
		return err
	}
	if o.rounds < 0 {
		return errors.New("-rounds must be more than 0")
	}
	return p.compare(ctx, o, some, p.command(flags), out, log)
}

func (p Program[B]) child(args []string) Child {
	if len(args) == 0 {
		return nil
	}
	return p.Child[args[0]]
}

// Test is TestMain of a program's tests: children are the program started again, and in tests that is the
// test binary.
func (p Program[B]) Test(m interface{ Run() int }) {
	if p.child(os.Args[1:]) != nil {
		p.Main()
		return
	}
	os.Exit(m.Run())
}
