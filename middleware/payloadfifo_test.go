package middleware_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

// Of equal bodies in a FIFO queue, SQS drops what comes within five minutes. What comes
// later is another message, for Idempotent too, wherever that is.
func TestPayloadFIFO(t *testing.T) {
	for _, outside := range []bool{false, true} {
		t.Run("Idempotent outside "+strconv.FormatBool(outside), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newDock(t, "jobs.fifo")
				s := holding(make(map[string]string))
				sender := producer.New(d, "jobs.fifo", func(o *producer.Options) {
					o.Middleware = append(o.Middleware, payload.Offload(s, func(o *payload.Options) { o.Always, o.ContentIDs = true, true }))
				})
				var calls atomic.Int32
				p, once := middleware.Payload(s), middleware.Idempotent(middleware.NewMemoryStore())
				chain := worker.Chain(p.Handler, once)
				if outside {
					chain = worker.Chain(once, p.Handler)
				}
				stop := d.work("jobs.fifo", chain(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
					if m.Body == "same" {
						calls.Add(1)
					}
					return nil
				})), p.Worker)
				for i, want := range []int32{1, 1, 2} {
					if _, err := sender.Send(t.Context(), producer.Message{Body: "same", Group: "g"}); err != nil {
						t.Fatal(err)
					}
					pass(3 * time.Minute)
					if calls.Load() != want {
						t.Errorf("after message %d: %d calls, want %d", i, calls.Load(), want)
					}
				}
				stop()
				d.empty("jobs.fifo")
				if n := len(s.keys()); n != 1 {
					t.Errorf("%d objects are left, want that of the duplicate alone", n)
				}
			})
		})
	}
}
