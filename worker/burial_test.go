package worker_test

import (
	"context"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
)

// Handlers whose messages are to be moved while the dead-letter queue is being looked
// up wait in a way that lets virtual time pass.
func TestLocalSlowLookUpOfTheDeadLetterQueue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders -> orders-dlq")
		w := start(t, q, "orders", func(context.Context, *worker.Message) error { return worker.DeadLetter(errLost) })
		after(time.Second)
		if err := q.SetFaults(localqueue.Faults{Rules: []localqueue.Fault{
			{Kind: localqueue.Slow, Action: "GetQueueUrl", Queue: "orders-dlq", Rate: 1, Delay: 5 * time.Second},
		}}); err != nil {
			t.Fatal(err)
		}
		q.send("orders", 5)
		after(time.Minute)
		w.clean()
		q.want("orders", "0", "0")
		q.want("orders-dlq", "5", "0")
	})
}
