package worker

import (
	"testing"
	"time"
)

// Requests that failed together must not come back together.
func TestBackoffOfRequestsIsSpread(t *testing.T) {
	t.Parallel()
	for n := 1; n < 10; n++ {
		seen := map[time.Duration]bool{}
		for range 1000 {
			seen[backoff(n)] = true
		}
		if len(seen) < 900 {
			t.Errorf("backoff(%d) took %d values in 1000, want them spread", n, len(seen))
		}
	}
}
