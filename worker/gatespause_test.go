package worker_test

import (
	"context"
	"testing"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// Pause holds back the next receive also of a poller that waits for a permit.
func TestGatesPauseUnderLoad(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 200)
		n := 0
		w, r := startWorker(t, q, "orders", func(ctx context.Context, _ *worker.Message) error {
			n++
			return wait(ctx, time.Minute)
		}, concurrency(1))
		after(30 * sec)
		before := w.Stats()
		w.Pause()
		after(10 * time.Minute)
		s := w.Stats()
		if got := s.Received - before.Received; got != 0 {
			t.Errorf("%d messages received by %d new receives begun after Pause, want 0: no poll was under way", got, s.Requests["ReceiveMessage"]-before.Requests["ReceiveMessage"])
		}
		r.clean()
	})
}

// The same, with one that waits for a rate limit.
func TestGatesPauseWhileARateLimitIsWaitedFor(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 20)
		w, r := startWorker(t, q, "orders", ok, gated(worker.RateLimit(1.0/60, 1)))
		after(30 * sec)
		before := w.Stats()
		w.Pause()
		after(10 * time.Minute)
		s := w.Stats()
		if got := s.Received - before.Received; got != 0 {
			t.Errorf("%d messages received by new receives begun half a minute after Pause, want 0", got)
		}
		r.clean()
	})
}

// The same, with a gate that was closed for an hour.
func TestGatesPauseWhileABreakerIsOpen(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 20)
		var s worker.Switch
		s.Pause()
		w, r := startWorker(t, q, "orders", ok, gated(&s))
		after(time.Hour)
		w.Pause()
		after(time.Minute)
		s.Resume()
		after(10 * time.Minute)
		if got := w.Stats().Received; got != 0 {
			t.Errorf("%d messages received by a worker that is paused, want 0", got)
		}
		r.clean()
	})
}

func gated(gates ...worker.Gate) func(*worker.Options) {
	return func(o *worker.Options) { o.Gates = append(o.Gates, gates...) }
}
