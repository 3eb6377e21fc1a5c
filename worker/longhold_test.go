package worker_test

import (
	"context"
	"testing"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// A wait beyond the 12 hours is shortened to fit, also if the group is held for it: the
// message is not moved to the dead-letter queue without having been held at all.
func TestFIFOALongWaitOfAHeldGroupIsShortened(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(received("g", "0", 1), received("g", "1", 2)).redrives("2")
		j := newJournal()
		w := start(t, f, "jobs.fifo", func(ctx context.Context, m *worker.Message) error {
			j.add(m)
			if m.ID == "0" && time.Since(j.began) < time.Hour {
				return worker.Snooze(24 * time.Hour)
			}
			return nil
		}, hooked(f.fake))
		after(13 * time.Hour)
		w.clean()
		j.want(t, "0/1/1 after 0s", "0/1/1 after 11h57m59s", "1/2/2 after 11h57m59s")
		if len(f.sent) != 0 || len(f.deleted()) != 2 {
			t.Errorf("sent %d copies and deleted %v, want none and both", len(f.sent), f.deleted())
		}
	})
}
