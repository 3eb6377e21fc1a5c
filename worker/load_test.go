package worker_test

import (
	"context"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// Handlers that end at random times still share requests: what becomes free within
// a tenth of a second is received for, and deleted, together.
func TestLocalRequestsAreSharedUnderLoad(t *testing.T) {
	t.Parallel()
	for concurrency, most := range map[int]float64{10: 0.4, 32: 0.17, 100: 0.105} {
		t.Run(strconv.Itoa(concurrency), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				const messages = 2000
				q := newLocal(t, "orders")
				q.send("orders", messages)
				f := newFake()
				random := rand.New(rand.NewPCG(1, uint64(concurrency)))
				durations := make(chan time.Duration, messages)
				for range messages {
					durations <- time.Duration(random.Int64N(int64(time.Second)))
				}
				w := start(t, q, "orders", func(ctx context.Context, _ *worker.Message) error {
					return wait(ctx, <-durations)
				}, func(o *worker.Options) { o.Concurrency = concurrency }, hooked(f))
				after(5 * time.Minute)
				w.clean()
				q.want("orders", "0", "0")
				n := map[string]float64{}
				for _, e := range f.of(worker.EventRequest) {
					if len(e.Messages) > 0 {
						n[e.Action]++
					}
				}
				for _, action := range []string{"ReceiveMessage", "DeleteMessageBatch"} {
					t.Logf("%.3f %s a message", n[action]/messages, action)
					if got := n[action] / messages; got > most {
						t.Errorf("%d handlers take %.3f %s a message, want at most %.3f", concurrency, got, action, most)
					}
				}
			})
		})
	}
}
