package worker_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// A hook may ask the worker of any event for its Stats, and Health: no lock is held that
// they need.
func TestHookMayAskForStats(t *testing.T) {
	for _, queue := range []string{"orders", "orders.fifo"} {
		t.Run(queue, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, queue)
				if queue == "orders" {
					q.send(queue, 40)
				} else {
					q.send(queue, 10, "a", "b", "c")
				}
				var mu sync.Mutex
				kinds := map[worker.EventKind]int{}
				n := 0
				w := start(t, q, queue, func(ctx context.Context, m *worker.Message) error {
					mu.Lock()
					n++
					i := n
					mu.Unlock()
					switch i % 5 {
					case 0:
						return errors.New("no")
					case 1:
						time.Sleep(40 * sec) // its visibility timeout is extended
					case 2:
						return worker.Snooze(sec)
					}
					return nil
				}, func(o *worker.Options) {
					o.Hook = func(_ context.Context, e worker.Event) {
						e.Worker.Stats()
						mu.Lock()
						kinds[e.Kind]++
						mu.Unlock()
					}
				})
				after(120 * sec)
				w.clean()
				mu.Lock()
				defer mu.Unlock()
				if kinds[worker.EventHandled] == 0 || kinds[worker.EventPollers] == 0 || kinds[worker.EventStopped] == 0 {
					t.Errorf("the hook heard %v", kinds)
				}
			})
		})
	}
}
