package program_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/benchmarks/internal/program"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// doc explains the measures of the test's program.
const doc = `// Scales weighs things.
//
// # Measures (-only takes their names)
//
// All are weighed in air.
//
//   - apple, pear: how much one weighs, by
//     a balance.
//   - stone, only by its name: takes long.
//
// The exit status is 0.
package main
`

// scales is what the measures of the test's program share.
type scales struct {
	run  *program.Run
	done []string
	unit string
	dir  string

	emptied bool // at the end
}

// weighing is a program, and what it was given when it ran.
func weighing(last *scales) program.Program[*scales] {
	weigh := func(name string, ratio float64) program.Measure[*scales] {
		return program.Measure[*scales]{Name: name, What: "weight of a " + name, Run: func(s *scales) error {
			s.done = append(s.done, name)
			s.run.Report.Table(name, "weight").Row("7 " + s.unit)
			s.run.Report.Note(name, "ours", report.Load{}, "weight", s.unit, 6, 7, 9)
			s.run.Report.Reach(name, "7", "8", ratio)
			return nil
		}}
	}
	stone := weigh("stone", 3)
	stone.Extra = true
	var unit string
	return program.Program[*scales]{
		Name: "scales", Title: "scales", Doc: doc, Takes: "a second", Round: "all (default: 3)",
		Measures: []program.Measure[*scales]{weigh("apple", 1), weigh("pear", 2), stone},
		Targets: []report.Target{
			report.AtMost("apple", "an apple", "8", 1).Anywhere(1), report.AtMost("pear", "a pear", "8", 1).Anywhere(2),
			report.AtMost("stone", "a stone", "8", 4).Anywhere(2.5),
		},
		Flags: func(f *flag.FlagSet) { f.StringVar(&unit, "unit", "g", "weigh in that `unit`") },
		New: func(r *program.Run) (*scales, error) {
			if unit == "miles" {
				return nil, errors.New("-unit: that is no weight")
			}
			dir, err := r.Dir("")
			*last = scales{run: r, unit: unit, dir: dir}
			return last, err
		},
		Says:   func(s *scales) string { return fmt.Sprintf("medians of %d rounds", max(3, s.run.Rounds)) },
		Before: func(s *scales) { s.run.Report.Skip("the moon", errors.New("too far")) },
		After:  func(s *scales) { s.emptied = true },
		Child: map[string]program.Child{"be-weight": func(_ context.Context, args []string, out io.Writer) error {
			_, err := fmt.Fprint(out, strings.Join(args, "+"))
			return err
		}},
	}
}

// run runs the program and returns what it wrote.
func run(t *testing.T, args ...string) (last scales, out string, err error) {
	t.Helper()
	var b strings.Builder
	err = weighing(&last).Run(t.Context(), args, &b, io.Discard)
	return last, b.String(), err
}

func TestCheck(t *testing.T) {
	t.Parallel()
	p := weighing(&scales{})
	if err := p.Check(t.Context()); err != nil {
		t.Error(err)
	}
	p.Doc = strings.Replace(doc, "pear", "plum", 1)
	p.Targets = append(p.Targets, p.Targets[0])
	err := p.Check(t.Context())
	for _, want := range []string{"does not explain the measure pear", "two targets have the key apple"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// What is measured is what -only names, in its order, or else all but what is extra.
func TestOnly(t *testing.T) {
	t.Parallel()
	for only, want := range map[string][]string{"": {"apple", "pear"}, "stone,apple": {"stone", "apple"}} {
		last, _, err := run(t, "-only", only)
		if err != nil || !slices.Equal(last.done, want) {
			t.Errorf("-only %q: measured %v, %v; want %v", only, last.done, err, want)
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	last, out, err := run(t, "-quick", "-rounds", "5", "-unit", "kg", "-markdown")
	if err != nil || !last.run.Quick || last.run.Rounds != 5 {
		t.Errorf("got %+v, %v", last.run, err)
	}
	for _, want := range []string{"scales: ", "; medians of 5 rounds\n", "SKIPPED the moon: too far", "| 7 kg |", "| a pear | 7 | 8 | 8 | 2.00 | <= 1.00 | NO |"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if !last.emptied {
		t.Error("nobody emptied the scales")
	}
	if _, err := os.Stat(last.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory is left: %v", err)
	}
	if _, _, err := run(t, "-unit", "miles"); err == nil || !strings.Contains(err.Error(), "no weight") {
		t.Errorf("got %v", err)
	}
}

// A measure that fails ends the run. What was measured before is in the files all the same.
func TestFailingMeasure(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	results, figures := filepath.Join(dir, "results.json"), filepath.Join(dir, "figures.csv")
	broken := errors.New("the spring broke")
	p := weighing(&scales{})
	p.Measures[1].Run = func(*scales) error { return broken }
	var out strings.Builder
	err := p.Run(t.Context(), []string{"-results", results, "-csv", figures}, &out, io.Discard)
	if !errors.Is(err, broken) || err.Error() != "pear: the spring broke" {
		t.Errorf("got %v", err)
	}
	if strings.Contains(out.String(), "Targets") {
		t.Errorf("targets are judged:\n%s", &out)
	}
	r, err := report.Read(results)
	if err != nil {
		t.Fatal(err)
	}
	if r.Error != "pear: the spring broke" || len(r.Figures()) != 1 || len(r.Targets) != 0 {
		t.Errorf("got %+v", r)
	}
	if text, err := os.ReadFile(figures); err != nil || !strings.Contains(string(text), "\napple,ours,,weight,g,7,6,9,3\n") {
		t.Errorf("figures are %q, %v", text, err)
	}
}

// A run that is told to end says that, whatever its measures say.
func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p := weighing(&scales{})
	p.Measures[0].Run = func(*scales) error {
		cancel()
		return errors.New("a process was killed")
	}
	if err := p.Run(ctx, nil, io.Discard, io.Discard); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestResults(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "results.json")
	if _, _, err := run(t, "-quick", "-results", path, "-unit", "kg", "-markdown"); err != nil {
		t.Fatal(err)
	}
	r, err := report.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if r.Program != "scales" || !r.Quick || r.Command != "go run ./scales -quick -unit=kg" || r.Date.IsZero() || r.Machine.Cores == 0 {
		t.Errorf("got %+v", r)
	}
	if want := "All are weighed in air.\n\nThe exit status is 0."; !strings.HasSuffix(r.About, want) || strings.Contains(r.About, "balance") {
		t.Errorf("it says %q", r.About)
	}
	var abouts []string
	for _, m := range r.Measures {
		abouts = append(abouts, m.Name+": "+m.About)
	}
	const balance = "How much one weighs, by a balance."
	if want := []string{": ", "apple: " + balance, "pear: " + balance}; !slices.Equal(abouts, want) {
		t.Errorf("got %q, want %q", abouts, want)
	}
	if len(r.Targets) != 3 || r.Targets[1].Met != "NO" || r.Targets[2].Met != "not measured" {
		t.Errorf("targets are %+v", r.Targets)
	}
}

// -assert looks at the bounds that hold anywhere, of what was measured.
func TestAssert(t *testing.T) {
	t.Parallel()
	for only, want := range map[string]string{
		"": "", "pear": "", "stone": "a stone: 7 beside 8 (8) is 3.00, and anywhere <= 2.50",
	} {
		_, _, err := run(t, "-assert", "-only", only)
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("-only %q: got %v, want %q", only, err, want)
		}
	}
	p := weighing(&scales{})
	p.Targets = nil
	if err := p.Run(t.Context(), []string{"-assert"}, io.Discard, io.Discard); err == nil {
		t.Error("a run that asserts nothing passed")
	}
}

// A check that was not passed fails the run, once all is written.
func TestFailedCheck(t *testing.T) {
	t.Parallel()
	var last scales
	p := weighing(&last)
	p.Measures[0].Run = func(s *scales) error {
		s.run.Report.Fail(errors.New("it grew"))
		return nil
	}
	var out strings.Builder
	if err := p.Run(t.Context(), nil, &out, io.Discard); err == nil || err.Error() != "it grew" || !strings.Contains(out.String(), "Targets") {
		t.Errorf("got %v after\n%s", err, &out)
	}
}

func TestChild(t *testing.T) {
	t.Parallel()
	_, out, err := run(t, "be-weight", "1", "2")
	if err != nil || out != "1+2" {
		t.Errorf("got %q, %v", out, err)
	}
}
