package worker_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// Messages that are to come again later share requests under load.
func TestFailuresShareRequests(t *testing.T) {
	t.Parallel()
	for name, fate := range map[string]func() error{
		"RetryAfter": func() error { return worker.RetryAfter(time.Minute+rand.N(time.Hour), errLost) },
		"Snooze":     func() error { return worker.Snooze(time.Hour) },
		"failure":    func() error { return errLost },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, "orders")
				q.send("orders", 1000)
				f := newFake()
				w := start(t, q, "orders", func(ctx context.Context, m *worker.Message) error {
					if m.Receives > 1 {
						return nil
					}
					if err := wait(ctx, rand.N(100*time.Millisecond)); err != nil {
						return err
					}
					return fate()
				}, concurrency(50), hooked(f))
				after(2 * time.Hour)
				w.clean()
				requests, messages := 0, 0
				for _, e := range f.of(worker.EventRequest) {
					if e.Action == "ChangeMessageVisibilityBatch" {
						requests, messages = requests+1, messages+len(e.Messages)
					}
				}
				if messages != 1000 || requests > 120 {
					t.Errorf("%d changes in %d requests, want 1000 in 100 and a few more", messages, requests)
				}
				q.want("orders", "0", "0")
			})
		})
	}
}

// The least is a second, also for a change that has waited for others.
func TestAFailureIsHiddenForASecondAtLeast(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(message("slow", 1, "x"), message("fails", 1, "x"))
		w := start(t, f, "orders", func(ctx context.Context, m *worker.Message) error {
			if m.ID == "slow" {
				return wait(ctx, 5*sec)
			}
			return worker.RetryAfter(50*time.Millisecond, errLost)
		}, concurrency(2))
		after(10 * sec)
		w.clean()
		f.wantAsks(t, ask{100 * time.Millisecond, handle("fails", 1), 1, 1})
	})
}
