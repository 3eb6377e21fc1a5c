package worker_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// An abandoned handler returns when its message is another's: what it returns is not
// carried out, not even in part.
func TestLocalAbandonedHandlerBuriesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders -> orders-dlq")
		q.send("orders", 1)
		f := newFake()
		w := start(t, q, "orders", func(context.Context, *worker.Message) error {
			time.Sleep(time.Minute)
			return worker.DeadLetter(errLost)
		}, hooked(f))
		synctest.Wait()
		if err := w.drain(); err == nil {
			t.Fatal("Run = nil, want a handler abandoned")
		}
		events := len(f.of(worker.EventRequest)) + len(f.of(worker.EventUnsettled))
		after(2 * time.Minute)
		q.want("orders", "1", "0")
		q.want("orders-dlq", "0", "0")
		if n := len(f.of(worker.EventRequest)) + len(f.of(worker.EventUnsettled)); n != events {
			t.Errorf("%d requests or failures of some after Run has returned", n-events)
		}
	})
}

// The message of an abandoned handler may have come again, to wait behind it: the drain
// does not wait for that one either.
func TestLocalDrainAbandonsWhatHasComeTwice(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "jobs.fifo")
		q.send("jobs.fifo", 2, "g")
		w := start(t, q, "jobs.fifo", func(context.Context, *worker.Message) error {
			time.Sleep(time.Hour)
			return nil
		}, unleased)
		after(5 * time.Minute)
		began := time.Now()
		if err := w.drain(); err == nil {
			t.Error("Run = nil, want a handler abandoned")
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("the drain took %v", took)
		}
		after(2 * time.Hour)
		q.want("jobs.fifo", "2", "0")
	})
}
