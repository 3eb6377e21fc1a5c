package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"
)

// report writes tables as they are made, and collects the figures that have a target and those for the
// file.
type report struct {
	out      io.Writer
	markdown bool
	reached  map[string]reached
	figures  []figure
	failed   error // a check that was not passed
	open     *tabwriter.Writer
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

// table is rows of columns.
type table struct {
	w        io.Writer
	markdown bool
}

// table ends the one before and begins another.
func (r *report) table(heading string, columns ...string) table {
	r.flush()
	if r.markdown {
		fmt.Fprintf(r.out, "\n**%s**\n\n", heading)
		t := table{r.out, true}
		t.row(columns...)
		t.row(strings.Split(strings.Repeat("---,", len(columns)-1)+"---", ",")...)
		return t
	}
	fmt.Fprintf(r.out, "\n%s\n", heading)
	r.open = tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	t := table{r.open, false}
	t.row(columns...)
	return t
}

// flush writes what is left of the table begun last.
func (r *report) flush() {
	if r.open != nil {
		_ = r.open.Flush() // standard output is gone: nobody reads this
		r.open = nil
	}
}

func (t table) row(columns ...string) {
	if t.markdown {
		fmt.Fprintln(t.w, "| "+strings.Join(columns, " | ")+" |")
		return
	}
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
	switch {
	case v >= 1e7:
		return written(v/1e6, "%.1fM")
	case v >= 1e4:
		return written(v/1e3, "%.1fk")
	}
	return written(v, "%.0f")
}

func micros(seconds float64) string { return written(seconds*1e6, "%.1f") }

func seconds(v float64) string { return written(v, "%.2f s") }

func megabytes(bytes float64) string { return written(bytes/1e6, "%.1f MB") }

func whole(v float64) string { return written(v, "%.0f") }

func ratio(v float64) string { return written(v, "%.2f") }

// known is NaN for what the system did not tell.
func known(v float64) float64 {
	if v == 0 {
		return math.NaN()
	}
	return v
}

func since(d time.Duration) string { return d.Round(time.Second).String() }
