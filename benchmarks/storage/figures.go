package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// results are the tables and targets of a run, and the figures for the file.
type results struct {
	report.Report
	figures []figure
	failed  error // a check that was not passed
}

// figure is a line of the file that -csv names.
type figure struct {
	measure, store string
	load           load // zero where it does not apply
	what, unit     string
	rounds         []float64
}

// note keeps a figure for the file.
func (r *results) note(measure, store string, at load, what, unit string, rounds ...float64) {
	r.figures = append(r.figures, figure{measure, store, at, what, unit, rounds})
}

// writeCSV writes all figures to a file.
func (r *results) writeCSV(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	rows := [][]string{{"measure", "store", "callers", "batch", "figure", "unit", "median", "least", "greatest", "rounds"}}
	for _, x := range r.figures {
		if len(x.rounds) > 0 {
			rows = append(rows, x.row())
		}
	}
	if err := errors.Join(w.WriteAll(rows), f.Close()); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}

func (x figure) row() []string {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
	return []string{
		x.measure, x.store, strconv.Itoa(x.load.callers), strconv.Itoa(x.load.batch), x.what, x.unit,
		number(stats.Median(x.rounds)), number(slices.Min(x.rounds)), number(slices.Max(x.rounds)), strconv.Itoa(len(x.rounds)),
	}
}
