package main

import (
	"strings"
	"testing"

	"gonum.org/v1/plot"
)

func TestTicks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of       plot.Ticker
		min, max float64
		want     string
	}{
		{ticks{}, 0, 71_000, "0 10k 20k 30k 40k 50k 60k 70k"},
		{ticks{}, 0, 4.4, "0 1 2 3 4"},
		{ticks{}, 0, 2_100_000, "0 500k 1M 1.5M 2M"},
		{ticks{}, 0, 0.3, "0 0.05 0.1 0.15 0.2 0.25 0.3"},
		{logTicks{}, 2.2, 4.6, "2.5 3 3.5 4 4.5"},
		{logTicks{}, 90, 2500, "100 200 500 1000 2000"},
		{logTicks{}, 1, 2_000_000, "1 10 100 1000 10k 100k 1M"},
	} {
		var labels []string
		for _, tick := range c.of.Ticks(c.min, c.max) {
			if !tick.IsMinor() {
				labels = append(labels, tick.Label)
			}
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%v to %v: %s, want %s", c.min, c.max, got, c.want)
		}
	}
}
