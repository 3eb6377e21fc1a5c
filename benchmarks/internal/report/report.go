// Package report writes the tables of a comparison, and its targets beside what was reached. It keeps what
// it writes, with figures and plots, for a file that other programs read.
package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Report writes tables as they are made, and collects the figures that have a target.
type Report struct {
	Out      io.Writer
	Markdown bool // tables are written as Markdown, not in columns

	results Results
	reached map[string]reached
	open    *tabwriter.Writer
	failed  error
}

// Begin writes what a run is: its title, the machine, and what is said of its rounds. It also keeps
// everything else of head.
func (r *Report) Begin(head Results, says string) {
	r.results.adopt(head)
	fmt.Fprintf(r.Out, "%s: %s; %s\n", head.Title, head.Machine.system(), says)
}

// End writes how long all took. Err is why it ended before all was measured; nil: it did not.
func (r *Report) End(err error) {
	r.Flush()
	took := time.Since(r.results.Date).Round(time.Second)
	r.results.Took = took.String()
	if err != nil {
		r.results.Error = err.Error()
		return
	}
	fmt.Fprintf(r.Out, "\n%v\n", took)
}

// Measure begins a measure: tables, figures and plots that follow are its own. About explains it, in
// Markdown.
func (r *Report) Measure(name, what, about string) {
	r.Flush()
	r.results.Measures = append(r.results.Measures, &Measure{Name: name, What: what, About: about})
}

// Skip says aloud that something is not measured, and why.
func (r *Report) Skip(what string, why error) {
	r.Flush()
	m := r.results.current()
	m.Skipped = append(m.Skipped, what+": "+why.Error())
	fmt.Fprintf(r.Out, "\nSKIPPED %s: %v\n", what, why)
}

// Fail notes that a check was not passed, though all was measured.
func (r *Report) Fail(err error) { r.failed = err }

// Failed is what Fail was told last; nil: nothing.
func (r *Report) Failed() error { return r.failed }

// Table ends the table before and begins another.
func (r *Report) Table(heading string, columns ...string) Table {
	r.Flush()
	kept := &Rows{Heading: heading, Columns: columns}
	m := r.results.current()
	m.Tables = append(m.Tables, kept)
	if r.Markdown {
		fmt.Fprintf(r.Out, "\n**%s**\n\n", heading)
		t := Table{r.Out, true, kept}
		t.write(columns)
		t.write(strings.Split(strings.Repeat("---,", len(columns)-1)+"---", ","))
		return t
	}
	fmt.Fprintf(r.Out, "\n%s\n", heading)
	r.open = tabwriter.NewWriter(r.Out, 0, 0, 2, ' ', 0)
	t := Table{r.open, false, kept}
	t.write(columns)
	return t
}

// Flush writes what is left of the table begun last.
func (r *Report) Flush() {
	if r.open != nil {
		_ = r.open.Flush() // standard output is gone: nobody reads this
		r.open = nil
	}
}

// Table is rows of columns.
type Table struct {
	w        io.Writer
	markdown bool
	kept     *Rows
}

// Row writes a row.
func (t Table) Row(columns ...string) {
	t.kept.Rows = append(t.kept.Rows, columns)
	t.write(columns)
}

func (t Table) write(columns []string) {
	if t.markdown {
		fmt.Fprintln(t.w, "| "+strings.Join(columns, " | ")+" |")
		return
	}
	fmt.Fprintln(t.w, "  "+strings.Join(columns, "\t"))
}
