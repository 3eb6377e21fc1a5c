package payload_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
)

func contentIDs(o *payload.Options) { o.ContentIDs = true }

// A message without an id is to a FIFO queue what it would be had it not been offloaded:
// refused, unless the queue makes ids of contents. Nothing is dropped.
func TestOffloadFIFO(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"false", "true"} {
		t.Run("ids of contents "+content, func(t *testing.T) {
			t.Parallel()
			var s memory
			server := localqueue.New()
			t.Cleanup(func() { server.Close() })
			in := &sqs.CreateQueueInput{
				QueueName: new("jobs.fifo"), Attributes: map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": content},
			}
			if _, err := server.CreateQueue(context.Background(), in); err != nil {
				t.Fatal(err)
			}
			d := &dock{server, offloading(server, "jobs.fifo", &s, always), t, "jobs.fifo"}
			var sent int
			for range 2 {
				_, err := d.Send(t.Context(), producer.Message{Body: "same", Group: "g"})
				var api smithy.APIError
				switch {
				case err == nil:
					sent++
				case !errors.As(err, &api) || api.ErrorCode() != "InvalidParameterValue":
					t.Errorf("Send = %v", err)
				}
			}
			want := map[string]int{"false": 0, "true": 2}[content]
			if got := len(d.received()); sent != want || got != want || len(s.keys()) != want {
				t.Errorf("%d sent, %d received, objects %q; want %d of each", sent, got, s.keys(), want)
			}
		})
	}
}

// With ContentIDs, a FIFO queue knows equal messages by their content, whatever the pointer.
func TestOffloadContentIDs(t *testing.T) {
	t.Parallel()
	var s memory
	d := newDock(t, "jobs.fifo", &s, always, contentIDs)
	m := producer.Message{Body: "same", Group: "g"}
	for range 2 {
		if _, err := d.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	m.DeduplicationID = "own"
	if _, err := d.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range d.received() {
		ids = append(ids, m.Attributes["MessageDeduplicationId"])
	}
	if want := []string{fmt.Sprintf("Quayside.Body.%x", sha256.Sum256([]byte("same"))), "own"}; !reflect.DeepEqual(ids, want) {
		t.Errorf("deduplication ids %q, want %q", ids, want)
	}
}
