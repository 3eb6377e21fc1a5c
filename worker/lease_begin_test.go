package worker_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/worker"
)

// A long poll may wait for longer than the visibility timeout: what it brings in the
// end has only just become invisible.
func TestLongPollsBeyondTheVisibilityTimeout(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		_, err := q.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
			QueueUrl: q.url("orders"), Attributes: map[string]string{"VisibilityTimeout": "4"},
		})
		if err != nil {
			t.Fatal(err)
		}
		f := newFake()
		w := start(t, q, "orders", ok, hooked(f))
		after(15 * time.Second)
		q.send("orders", 1)
		after(time.Second)
		w.clean()
		q.want("orders", "0", "0")
		if n := len(f.of(worker.EventHandled)); n != 1 {
			t.Errorf("handled %d times, want once", n)
		}
	})
}
