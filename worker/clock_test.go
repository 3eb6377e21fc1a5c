package worker

import (
	"strings"
	"testing"
	"time"
)

// What is tried again is due by the monotonic clock, as leases are: synctest has none, and
// would not see it.
func TestASetBackClockHoldsUpNothing(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, step := range []time.Duration{grid, 5 * grid, time.Second} {
		due := upTo(now, step)
		if wait := due.Sub(now); wait <= 0 || wait > step || due.Round(0).Truncate(step) != due.Round(0) {
			t.Errorf("%v after %v: %v", step, now, due)
		}
		if again := upTo(due.Add(-1), step); again != due {
			t.Errorf("just before %v: %v", due, again)
		}
	}
	l := newLane(0, nil)
	l.postponeLocked(entry{due: now})
	le := lease{lasts: now.Add(time.Minute), tries: 1}
	for what, at := range map[string]time.Time{"entry": l.later[0].due, "extension": le.retry(now)} {
		if !strings.Contains(at.String(), " m=") {
			t.Errorf("%s: %v has no monotonic reading", what, at)
		}
	}
}
