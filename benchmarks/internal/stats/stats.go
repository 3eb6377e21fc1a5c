// Package stats has the few statistics that the comparisons report.
package stats

import (
	"cmp"
	"math"
	"slices"
)

// Median returns the middle of v, the mean of the two middle values of an even number, NaN of none.
// It leaves v as it is.
func Median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(v))
	m := len(s) / 2
	if len(s)%2 == 1 {
		return s[m]
	}
	return (s[m-1] + s[m]) / 2
}

// Ratio returns the median of a[i]/b[i]. What was measured in one round is disturbed alike by whatever
// else the machine does, so this is steadier than the ratio of the two medians. A pair of which one is
// unknown, or whose b is 0, has no ratio and is left out, as is what has no partner; what took for ever in
// one round counts as that.
func Ratio(a, b []float64) float64 {
	var r []float64
	for i := range min(len(a), len(b)) {
		if x := a[i] / b[i]; b[i] != 0 && !math.IsNaN(x) {
			r = append(r, x)
		}
	}
	return Median(r)
}

// Quantile returns the smallest value that at least the share q of v does not exceed (nearest rank), so
// that it is always one of them; the zero value of none. q is between 0 and 1. It leaves v as it is.
func Quantile[T cmp.Ordered](v []T, q float64) T {
	if len(v) == 0 {
		var none T
		return none
	}
	s := slices.Sorted(slices.Values(v))
	rank := int(math.Ceil(q * float64(len(s))))
	return s[min(max(rank, 1), len(s))-1]
}
