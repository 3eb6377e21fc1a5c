// Package stats has the few statistics that the comparison reports.
package stats

import (
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

// Quantile returns the smallest value that at least the share q of v does not exceed (nearest rank),
// so that it is always one that was measured. q is between 0 and 1. It is NaN of no values, and leaves
// v as it is.
func Quantile(v []float64, q float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(v))
	rank := int(math.Ceil(q * float64(len(s))))
	return s[min(max(rank, 1), len(s))-1]
}

// Ratio returns the median of a[i]/b[i]. Pairs of one round are disturbed alike by whatever else the
// machine does, so their ratio is steadier than that of the two medians. A pair whose b is 0 has no
// ratio and is left out, as is what has no partner.
func Ratio(a, b []float64) float64 {
	var r []float64
	for i := range min(len(a), len(b)) {
		if b[i] != 0 {
			r = append(r, a[i]/b[i])
		}
	}
	return Median(r)
}
