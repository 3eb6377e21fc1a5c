// Package report writes the tables of a comparison, and its targets beside what was reached.
package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Report writes tables as they are made, and collects the figures that have a target.
type Report struct {
	Out      io.Writer
	Markdown bool // tables are written as Markdown, not in columns

	reached map[string]reached
	open    *tabwriter.Writer
}

// Table ends the table before and begins another.
func (r *Report) Table(heading string, columns ...string) Table {
	r.Flush()
	if r.Markdown {
		fmt.Fprintf(r.Out, "\n**%s**\n\n", heading)
		t := Table{r.Out, true}
		t.Row(columns...)
		t.Row(strings.Split(strings.Repeat("---,", len(columns)-1)+"---", ",")...)
		return t
	}
	fmt.Fprintf(r.Out, "\n%s\n", heading)
	r.open = tabwriter.NewWriter(r.Out, 0, 0, 2, ' ', 0)
	t := Table{r.open, false}
	t.Row(columns...)
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
}

// Row writes a row.
func (t Table) Row(columns ...string) {
	if t.markdown {
		fmt.Fprintln(t.w, "| "+strings.Join(columns, " | ")+" |")
		return
	}
	fmt.Fprintln(t.w, "  "+strings.Join(columns, "\t"))
}
