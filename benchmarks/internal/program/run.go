package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// Run is what a program is given for one comparison.
type Run struct {
	Ctx      context.Context
	Report   *report.Report
	Progress func(format string, args ...any) // says on standard error what is measured now
	Quick    bool
	Rounds   int // 0: as many as usual

	name string
	dirs []string
}

// Dir makes a directory in parent, or else where temporary files are, that is removed at the end.
func (r *Run) Dir(parent string) (string, error) {
	dir, err := os.MkdirTemp(parent, "quayside-"+r.name+"-")
	if err == nil {
		r.dirs = append(r.dirs, dir)
	}
	return dir, err
}

func (r *Run) clean() {
	for _, dir := range r.dirs {
		_ = os.RemoveAll(dir) // a temporary directory: somebody clears it some day
	}
}

// compare makes the measures and writes what the options want.
func (p Program[B]) compare(ctx context.Context, o options, some []Measure[B], command string, out, log io.Writer) error {
	run := &Run{
		Ctx: ctx, Report: &report.Report{Out: out, Markdown: o.markdown}, Progress: progressTo(log),
		Quick: o.quick, Rounds: o.rounds, name: p.Name,
	}
	defer run.clean()
	about := explained(p.Doc)
	head := p.head(o, command)
	head.About = about.text
	b, err := p.New(run)
	if err != nil {
		return err
	}
	if p.After != nil {
		defer p.After(b)
	}
	run.Report.Begin(head, p.Says(b))
	err = p.all(run, b, some, about)
	run.Report.End(err)
	if o.csv != "" { // what was measured before an error, too
		err = errors.Join(err, run.Report.WriteCSV(o.csv))
	}
	if o.results != "" {
		err = errors.Join(err, run.Report.WriteResults(o.results))
	}
	if err == nil {
		err = run.Report.Failed()
	}
	if err == nil && o.assert {
		err = run.Report.Asserted(p.Targets)
	}
	return err
}

// head is what is known of a run before it begins.
func (p Program[B]) head(o options, command string) report.Results {
	return report.Results{
		Program: p.Name, Title: p.Title, Command: command, Quick: o.quick,
		Date: time.Now(), Machine: report.ThisMachine(), Versions: report.VersionsOf(p.Modules...),
	}
}

// all makes the measures and writes the verdicts.
func (p Program[B]) all(run *Run, b B, some []Measure[B], about explanation) error {
	if p.Before != nil {
		p.Before(b)
	}
	for _, m := range some {
		run.Report.Measure(m.Name, m.What, about.of[m.Name])
		err := m.Run(b)
		run.Report.Flush()
		if run.Ctx.Err() != nil {
			return run.Ctx.Err() // whatever came of it
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	run.Report.Verdicts(p.Targets)
	return nil
}

// progressTo returns a run's progress.
func progressTo(w io.Writer) func(string, ...any) {
	start := time.Now()
	return func(format string, args ...any) {
		fmt.Fprintf(w, "%4.0fs  %s\n", time.Since(start).Seconds(), fmt.Sprintf(format, args...))
	}
}
