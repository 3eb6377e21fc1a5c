package worker_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// A rate is kept also by what is tried again in process, over many groups, with a buffer,
// and by workers that share it: in any span, no more handlers start than it and what polls
// and the buffer had at hand allow.
func TestGatesRateOfRetriesInProcess(t *testing.T) {
	for _, prefetch := range []int{0, 15} {
		t.Run(fmt.Sprint(prefetch), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, "jobs.fifo")
				var groups []string
				for i := range 30 {
					groups = append(groups, fmt.Sprint("g", i))
				}
				q.send("jobs.fifo", 6, groups...)
				rate := worker.RateLimit(2, 4)
				var starts []time.Time
				calls := make(chan time.Time, 100000)
				h := func(_ context.Context, m *worker.Message) error {
					calls <- time.Now()
					if m.Attempts < 4 {
						return again(sec)
					}
					return nil
				}
				for range 2 {
					start(t, q, "jobs.fifo", h, concurrency(8), gated(rate), func(o *worker.Options) { o.Prefetch = prefetch })
				}
				after(time.Hour)
				close(calls)
				for at := range calls {
					starts = append(starts, at)
				}
				if len(starts) != 30*6*4 {
					t.Errorf("%d calls, want %d", len(starts), 30*6*4)
				}
				slack := 4 + 2*(4*2+prefetch) // the burst, what polls have, the buffers
				for i := range starts {
					for _, span := range []time.Duration{10 * sec, time.Minute} {
						n := 0
						for _, at := range starts[i:] {
							if at.Sub(starts[i]) <= span {
								n++
							}
						}
						if most := int(2*span.Seconds()) + slack; n > most {
							t.Fatalf("%d calls in %v, want at most %d", n, span, most)
						}
					}
				}
			})
		})
	}
}
