package worker

import (
	"testing"
	"time"
)

// flow has pollers bring messages at a rate of each, up to a limit, and returns how
// many there are after a while.
func flow(each, limit float64, most int, d time.Duration) (pollers int) {
	var g growth
	pollers = 1
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for end := now.Add(d); now.Before(end); {
		rate := min(each*float64(pollers), limit)
		now = now.Add(time.Duration(10 / rate * float64(time.Second)))
		g.received(10)
		pollers = g.judge(now, pollers, most)
	}
	return pollers
}

func TestPollersGrowWhileTheyBringMore(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		each, limit float64
		most        int
		d           time.Duration
		least, top  int
	}{
		{500, 1e9, 26, 3 * time.Second, 26, 26},      // each brings its share
		{500, 5000, 26, 30 * time.Second, 10, 13},    // ten are enough
		{500, 400, 26, 30 * time.Second, 1, 2},       // one is
		{500, 1e9, 1000, 10 * time.Second, 50, 1000}, // hundreds are of use
		{5000, 1e9, 26, growthWindow / 2, 2, 2},      // a second one, soon
		{5000, 5000, 26, 30 * time.Second, 2, 3},     // which is not judged
		{5000, 1e9, 1, 30 * time.Second, 1, 1},
	} {
		if n := flow(test.each, test.limit, test.most, test.d); n < test.least || n > test.top {
			t.Errorf("%+v: %d pollers, want %d to %d", test, n, test.least, test.top)
		}
	}
}
