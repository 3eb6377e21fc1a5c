package worker_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// A drain begins while a message that one gate has let through is on its way
// through the next: Run returns, and no place of that gate stays taken.
func TestPerKeyDrainBetweenTwoGates(t *testing.T) {
	t.Parallel()
	for name, busy := range map[string]bool{"there is room": false, "there is none": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				tenant := worker.PerKey(1, func(m *worker.Message) string { return strings.TrimSuffix(m.Body, "2") })
				place := worker.PerKey(1, func(m *worker.Message) string {
					if m.Body == "a2" {
						time.Sleep(time.Second)
					}
					return strings.TrimPrefix(m.Body, "a")
				})
				gates := func(o *worker.Options) { o.Gates = []worker.Gate{tenant, place} }
				var handled atomic.Int32
				handle := func(took time.Duration) worker.HandlerFunc {
					return func(ctx context.Context, m *worker.Message) error {
						handled.Add(1)
						return wait(ctx, took)
					}
				}
				other := newFake()
				if busy {
					other.put(message("2", 1, "2"))
				}
				holder := start(t, other, "orders", handle(time.Hour), gates, concurrency(10))
				after(time.Second)

				f := newFake()
				f.put(message("a", 1, "a"), message("a2", 1, "a2"))
				r := start(t, f, "orders", handle(5*time.Second), gates, concurrency(10))
				after(5500 * time.Millisecond) // a2 is on its way into the second gate
				r.stop()
				select {
				case <-r.done:
				case <-time.After(40 * time.Second):
					t.Error("Run has not returned 40 s after its context ended")
				}
				after(2 * time.Hour)
				handled.Store(0)
				other.put(message("2", 2, "2"))
				after(time.Hour)
				if n := handled.Load(); n != 1 {
					t.Errorf("%d of 1 message with the key was handled later", n)
				}
				holder.clean()
			})
		})
	}
}
