package stats_test

import (
	"math"
	"slices"
	"testing"

	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// same compares as a reader would: NaN is NaN.
func same(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b)
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    []float64
		want float64
	}{
		{nil, math.NaN()},
		{[]float64{7}, 7},
		{[]float64{9, 1, 5}, 5},
		{[]float64{4, 1, 3, 2}, 2.5},
	} {
		before := slices.Clone(c.v)
		if got := stats.Median(c.v); !same(got, c.want) || !slices.Equal(c.v, before) {
			t.Errorf("Median(%v) = %v, want %v; it left %v", before, got, c.want, c.v)
		}
	}
}

func TestRatio(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name string
		a, b []float64
		want float64
	}{
		{"nothing", nil, nil, nan},
		{"a slow round slows both", []float64{100, 10, 102}, []float64{200, 20, 200}, 0.5},
		{"no partner", []float64{1, 1, 1}, []float64{2}, 0.5},
		{"division by zero", []float64{1, 3}, []float64{0, 1}, 3},
		{"unknown", []float64{nan, 3, 4}, []float64{1, 1, nan}, 3},
		{"for ever", []float64{inf, inf, 1}, []float64{1, 1, 1}, inf},
		{"beside for ever", []float64{1, 1, 1}, []float64{inf, inf, 1}, 0},
		{"both for ever", []float64{inf, 3}, []float64{inf, 1}, 3},
	} {
		if got := stats.Ratio(c.a, c.b); !same(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestQuantile(t *testing.T) {
	t.Parallel()
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = 100 - i
	}
	for _, c := range []struct {
		v    []int
		q    float64
		want int
	}{
		{nil, 0.5, 0}, {[]int{3}, 0.99, 3}, {[]int{3, 1, 2}, 0, 1}, {[]int{3, 1, 2}, 0.5, 2},
		{hundred, 0.5, 50}, {hundred, 0.99, 99}, {hundred, 1, 100},
	} {
		if got := stats.Quantile(c.v, c.q); got != c.want {
			t.Errorf("Quantile of %d values at %v = %v, want %v", len(c.v), c.q, got, c.want)
		}
	}
}
