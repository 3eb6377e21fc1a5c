package middleware_test

import (
	"math"
	"testing"
	"time"

	"github.com/quayside-go/quayside/middleware"
)

func TestExponential(t *testing.T) {
	t.Parallel()
	const sec, ms, day, top = time.Second, time.Millisecond, 12 * time.Hour, time.Duration(math.MaxInt64)
	for _, test := range []struct {
		initial, max time.Duration
		limits       []time.Duration // of the first delays, then of the 500th
	}{
		{0, 0, []time.Duration{sec, 2 * sec, 4 * sec, 8 * sec, 900 * sec}},
		{-sec, -sec, []time.Duration{sec, 2 * sec, 4 * sec, 8 * sec, 900 * sec}},
		{sec, 5 * sec, []time.Duration{sec, 2 * sec, 4 * sec, 5 * sec, 5 * sec}},
		{time.Hour, sec, []time.Duration{sec, sec, sec}},
		{1, 1, []time.Duration{ms, ms, ms}},
		{1, 3 * ms, []time.Duration{ms, 2 * ms, 3 * ms, 3 * ms}},
		{1, top, []time.Duration{ms, 2 * ms, 4 * ms, day}},
		{day/2 + 1, top, []time.Duration{day/2 + 1, day, day}},
		{top, top, []time.Duration{day, day}},
	} {
		last := len(test.limits) - 1
		most, least := make([]time.Duration, len(test.limits)), make([]time.Duration, len(test.limits))
		e := middleware.Exponential(test.initial, test.max)
		for range 300 {
			e.Reset()
			for i := range 500 {
				d, at := e.NextBackOff(), min(i, last)
				if i >= last && i < 499 {
					continue
				}
				if most[at] = max(most[at], d); least[at] == 0 {
					least[at] = d
				}
				least[at] = min(least[at], d)
			}
		}
		for i, limit := range test.limits {
			if least[i] < 0 || least[i] > limit/8+1 || most[i] > limit || most[i] < limit-limit/8 {
				t.Errorf("Exponential(%v, %v): delay %d is %v to %v, want random in [0, %v]", test.initial, test.max, i, least[i], most[i], limit)
			}
		}
	}
}
