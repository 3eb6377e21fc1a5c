package report

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"

	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// Figure is a number that was measured, in one round or in several.
type Figure struct {
	Measure  string  `json:"measure"`
	Subject  string  `json:"subject"` // of whom
	Load     Load    `json:"load"`    // under which
	What     string  `json:"what"`
	Unit     string  `json:"unit"`
	Median   float64 `json:"median"`
	Least    float64 `json:"least"`
	Greatest float64 `json:"greatest"`
	Rounds   int     `json:"rounds"`
}

// Load is what a subject has to bear, or what is asked of it: in words, and as a number where it is one.
type Load struct {
	Text string  `json:"text"`
	X    float64 `json:"x"`
}

// At is a load that is so much of something.
func At(x float64, of string) Load {
	return Load{strconv.FormatFloat(x, 'f', -1, 64) + " " + of, x}
}

// Under is a load that is no number.
func Under(text string) Load { return Load{Text: text} }

// Note keeps a figure, with a value for every round. A value that is not known does not count, and a figure
// without values is not kept.
func (r *Report) Note(measure, subject string, at Load, what, unit string, rounds ...float64) {
	rounds = slices.DeleteFunc(slices.Clone(rounds), func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
	if len(rounds) == 0 {
		return
	}
	m := r.results.current()
	m.Figures = append(m.Figures, Figure{
		Measure: measure, Subject: subject, Load: at, What: what, Unit: unit,
		Median: stats.Median(rounds), Least: slices.Min(rounds), Greatest: slices.Max(rounds), Rounds: len(rounds),
	})
}

// Figures are all that were noted.
func (r *Report) Figures() []Figure { return r.results.Figures() }

// Figures are all that were noted.
func (r *Results) Figures() []Figure {
	var all []Figure
	for _, m := range r.Measures {
		all = append(all, m.Figures...)
	}
	return all
}

// WriteCSV writes all figures to a file.
func (r *Report) WriteCSV(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := errors.Join(WriteCSV(f, r.Figures()), f.Close()); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}

// WriteCSV writes figures, one a line.
func WriteCSV(w io.Writer, all []Figure) error {
	rows := [][]string{{"measure", "subject", "load", "figure", "unit", "median", "least", "greatest", "rounds"}}
	for _, x := range all {
		rows = append(rows, x.row())
	}
	return csv.NewWriter(w).WriteAll(rows)
}

func (x Figure) row() []string {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
	return []string{
		x.Measure, x.Subject, x.Load.Text, x.What, x.Unit,
		number(x.Median), number(x.Least), number(x.Greatest), strconv.Itoa(x.Rounds),
	}
}
