package report

import (
	"fmt"
	"math"
	"time"
)

// Written is a figure in a format of its own. What was not measured is a dash, here and below.
func Written(v float64, format string) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "-"
	}
	return fmt.Sprintf(format, v)
}

// Count is a rate or a number, in thousands where it is large.
func Count(v float64) string {
	switch {
	case v >= 1e7:
		return Written(v/1e6, "%.1fM")
	case v >= 1e4:
		return Written(v/1e3, "%.1fk")
	}
	return Written(v, "%.0f")
}

// Micros is a time in seconds, written in microseconds.
func Micros(seconds float64) string { return Written(seconds*1e6, "%.1f") }

// Millis is a time in seconds, written in milliseconds.
func Millis(seconds float64) string { return Written(seconds*1e3, "%.1f ms") }

// Seconds is a time in seconds.
func Seconds(v float64) string { return Written(v, "%.2f s") }

// Megabytes is a number of bytes.
func Megabytes(bytes float64) string { return Written(bytes/1e6, "%.1f MB") }

// Whole is a number without a fraction.
func Whole(v float64) string { return Written(v, "%.0f") }

// Ratio is a ratio.
func Ratio(v float64) string { return Written(v, "%.2f") }

// Known is v, or NaN for 0: what the system did not tell.
func Known(v float64) float64 {
	if v == 0 {
		return math.NaN()
	}
	return v
}

// Since is how long something took.
func Since(d time.Duration) string { return d.Round(time.Second).String() }
