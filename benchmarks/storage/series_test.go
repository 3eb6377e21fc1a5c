package main

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/child"
)

func TestSeries(t *testing.T) {
	t.Parallel()
	var s series
	x := child.Spent{Messages: 100, Elapsed: 2e9, P50: 1000, P99: 2000}
	s.add(x)
	x.CPU, x.Written = 1e9, 5000
	s.add(x)
	if s.rate[0] != 50 || s.p50[0] != 1e-6 || !math.IsNaN(s.cpu[0]) || !math.IsNaN(s.written[0]) {
		t.Errorf("got %+v", s)
	}
	if s.cpu[1] != 0.01 || s.written[1] != 50 {
		t.Errorf("got %+v", s)
	}
}

func TestJudgeSoak(t *testing.T) {
	t.Parallel()
	const segment = 64 << 20
	flatAt := func(v float64) []float64 { return slices.Repeat([]float64{v}, 16) }
	growing := make([]float64, 16)
	for i := range growing {
		growing[i] = float64(1e9 + i*1e8)
	}
	ramp := flatAt(5e8)
	ramp[0], ramp[1], ramp[2] = 1, 2, 3
	for _, c := range []struct {
		name           string
		disk, resident []float64
		want           string
	}{
		{"flat", flatAt(5e8), flatAt(1e8), ""},
		{"flat after a ramp", ramp, ramp, ""},
		{"a segment more", slices.Concat(flatAt(2e8), flatAt(2e8+segment)), flatAt(1), ""},
		{"the disk grows", growing, flatAt(1), "soak disk grew from 1550.0 MB to 2350.0 MB"},
		{"memory grows", flatAt(1), growing, "soak memory grew"},
		{"one sample", []float64{1}, []float64{1}, "grew"},
	} {
		b := &bench{plan: plan{segment: segment}, report: &report.Report{}}
		b.judgeSoak(&samples{disk: c.disk, resident: c.resident})
		err := b.report.Failed()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
