package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
)

// report collects tables, which are written as they are made, and the figures that have a target.
type report struct {
	out     io.Writer
	reached map[string]reached
	open    *table
}

// reached is a figure beside its yardstick.
type reached struct {
	figure, yardstick string
	ratio             float64
}

// reach notes the figure of the target with that key, its yardstick and their ratio, which is what the
// target bounds.
func (r *report) reach(key, figure, yardstick string, ratio float64) {
	r.reached[key] = reached{figure, yardstick, ratio}
}

// table is a heading and rows of columns.
type table struct {
	w *tabwriter.Writer
}

// table ends the one before and begins another.
func (r *report) table(heading string, args ...any) *table {
	r.flush()
	fmt.Fprintf(r.out, "\n"+heading+"\n", args...)
	r.open = &table{tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)}
	return r.open
}

// flush writes what is left of the table begun last.
func (r *report) flush() {
	if r.open != nil {
		_ = r.open.w.Flush() // standard output is gone: nobody reads this
		r.open = nil
	}
}

func (t *table) row(columns ...string) {
	fmt.Fprintln(t.w, "  "+strings.Join(columns, "\t"))
}

// How figures are written. What was not measured is a dash.

func written(v float64, format string) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "-"
	}
	return fmt.Sprintf(format, v)
}

// count is a rate or a number, in thousands where it is large.
func count(v float64) string {
	if v >= 10_000 {
		return written(v/1000, "%.1fk")
	}
	return written(v, "%.0f")
}

func micros(seconds float64) string {
	if seconds == 0 {
		return "-" // the system does not tell processor time
	}
	return written(seconds*1e6, "%.1f")
}

func millis(seconds float64) string { return written(seconds*1e3, "%.1f ms") }

func megabytes(bytes float64) string { return written(bytes/1e6, "%.1f MB") }

func ratio(v float64) string { return written(v, "%.2f") }
