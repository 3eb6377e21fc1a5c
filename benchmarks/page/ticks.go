package main

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// short is a number with a letter for thousands and millions.
func short(v float64) string {
	switch {
	case math.Abs(v) >= 1e6:
		return strconv.FormatFloat(v/1e6, 'g', 4, 64) + "M"
	case math.Abs(v) >= 1e4:
		return strconv.FormatFloat(v/1e3, 'g', 4, 64) + "k"
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// ticks are about five, at round values.
type ticks struct{}

// Ticks returns them.
func (ticks) Ticks(low, high float64) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10((high-low)/5)))
	for _, times := range []float64{10, 5, 2} {
		if (high-low)/(times*step) >= 4 {
			step *= times
			break
		}
	}
	var all []plot.Tick
	for i := math.Ceil(low / step); i <= high/step+1e-9; i++ { // what a product lacks in exactness
		all = append(all, plot.Tick{Value: i * step, Label: short(i * step)})
	}
	return all
}

// logTicks are those of an axis with a logarithmic scale: at powers of ten, and at 2 and 5 of them if there
// are few; the usual ones if there is only one of those.
type logTicks struct{}

// Ticks returns them.
func (logTicks) Ticks(low, high float64) []plot.Tick {
	few, labels := high/low < 500, 0
	var all []plot.Tick
	for power := math.Pow(10, math.Floor(math.Log10(low))); power <= high; power *= 10 {
		for i := 1.0; i < 10; i++ {
			t := plot.Tick{Value: i * power}
			if t.Value < low || t.Value > high {
				continue
			}
			if i == 1 || few && (i == 2 || i == 5) {
				t.Label = short(t.Value)
				labels++
			}
			all = append(all, t)
		}
	}
	if labels < 2 {
		return ticks{}.Ticks(low, high)
	}
	return all
}

// at are ticks where something was measured.
type at []report.Load

// Ticks returns them.
func (a at) Ticks(float64, float64) []plot.Tick {
	var all []plot.Tick
	for _, l := range a {
		all = append(all, plot.Tick{Value: l.X, Label: short(l.X)})
	}
	return all
}
