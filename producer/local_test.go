package producer_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
)

// openLocal makes a server in memory or, if QUAYSIDE_TEST_DURABLE is set, one on disk:
// all that is tested here is the same for both.
func openLocal(t testing.TB) *localqueue.Server {
	t.Helper()
	if os.Getenv("QUAYSIDE_TEST_DURABLE") == "" {
		return localqueue.New()
	}
	q, err := localqueue.Open(t.TempDir(), func(o *localqueue.Options) { o.SegmentSize = 2 << 20 })
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// receive takes everything out of a queue.
func receive(t testing.TB, q *localqueue.Server, queue string) (ms []types.Message) {
	t.Helper()
	url, err := q.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		t.Fatal(err)
	}
	for {
		out, err := q.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: url.QueueUrl, MaxNumberOfMessages: 10,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
			MessageAttributeNames:       []string{"All"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return ms
		}
		for _, m := range out.Messages {
			ms = append(ms, m)
			if _, err := q.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: url.QueueUrl, ReceiptHandle: m.ReceiptHandle}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestLocalManySenders(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := openLocal(t)
		defer q.Close()
		q.MustCreate("orders")
		p := producer.New(q, "orders")
		var wg sync.WaitGroup
		var mu sync.Mutex
		sent := map[string]string{}
		for i := range 50 {
			wg.Go(func() {
				for j := range 20 {
					body := fmt.Sprint(i, ".", j)
					s, err := p.Send(t.Context(), producer.Message{Body: body})
					if err != nil {
						t.Errorf("Send(%s) = %v", body, err)
					}
					mu.Lock()
					sent[s.ID] = body
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if err := p.Close(t.Context()); err != nil {
			t.Errorf("Close = %v, want nil", err)
		}
		got := receive(t, q, "orders")
		if len(got) != 1000 {
			t.Errorf("the queue held %d messages, want 1000", len(got))
		}
		for _, m := range got {
			if sent[*m.MessageId] != *m.Body {
				t.Errorf("message %s has the body %s, but its sender was told it is %q", *m.MessageId, *m.Body, sent[*m.MessageId])
			}
		}
	})
}

func TestLocalFIFOOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := openLocal(t)
		defer q.Close()
		q.MustCreate("jobs.fifo")
		p := producer.New(q, "jobs.fifo")
		var ms []producer.Message
		for i := range 100 {
			ms = append(ms, producer.Message{Body: strconv.Itoa(i), Group: "g", DeduplicationID: strconv.Itoa(i)})
		}
		var sequences []string
		for i, r := range sendAll(t.Context(), p, ms...) {
			if r.err != nil {
				t.Fatalf("Send %d: %v", i, r.err)
			}
			sequences = append(sequences, r.sent.Sequence)
		}
		if !slices.IsSorted(sequences) || len(sequences[0]) != 20 {
			t.Errorf("sequence numbers are not 20 growing digits: %v", sequences)
		}
		for i, m := range receive(t, q, "jobs.fifo") {
			if *m.Body != strconv.Itoa(i) {
				t.Fatalf("message %d is %s: the order is lost", i, *m.Body)
			}
		}
	})
}

// SQS refuses a whole FIFO batch if one entry lacks a deduplication id.
func TestLocalOneWrongMessageDoesNotSpoilOthers(t *testing.T) {
	t.Parallel()
	q := openLocal(t)
	defer q.Close()
	q.MustCreate("jobs.fifo")
	p := producer.New(q, "jobs.fifo")
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			m := producer.Message{Body: "b", Group: "g", DeduplicationID: strconv.Itoa(i)}
			if i%10 == 0 {
				m.DeduplicationID = ""
			}
			_, err := p.Send(context.Background(), m)
			var api smithy.APIError
			if wrong := i%10 == 0; wrong != errors.As(err, &api) || wrong != (err != nil) {
				t.Errorf("Send with DeduplicationID %q = %v", m.DeduplicationID, err)
			}
		})
	}
	wg.Wait()
	if n := len(receive(t, q, "jobs.fifo")); n != 45 {
		t.Errorf("the queue held %d messages, want 45", n)
	}
}

func TestLocalMissingQueue(t *testing.T) {
	t.Parallel()
	q := openLocal(t)
	defer q.Close()
	_, err := producer.New(q, "oders").Send(t.Context(), producer.Message{Body: "b"})
	if !errors.As(err, new(*types.QueueDoesNotExist)) || !strings.Contains(err.Error(), `"oders"`) {
		t.Errorf("Send = %v, want a QueueDoesNotExist that names the queue", err)
	}
}

func Example() {
	type Order struct{ ID string }
	q := localqueue.New() // in production: sqs.NewFromConfig(cfg), and no MustCreate
	defer q.Close()
	q.MustCreate("orders")

	ctx := context.Background()
	p := producer.New(q, "orders")
	if _, err := p.Send(ctx, producer.JSON(Order{ID: "42"})); err != nil {
		fmt.Println(err)
	}
	_, err := p.Send(ctx, producer.Message{})
	fmt.Println(err)
	fmt.Println("Close:", p.Close(ctx))
	// Output:
	// producer: send to "orders": the body is empty
	// Close: <nil>
}

func ExampleFor() {
	type Shipped struct{ Order string }
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("events")

	shipped := producer.For[Shipped](producer.New(q, "events"), "order.shipped")
	sent, err := shipped(context.Background(), Shipped{Order: "42"})
	fmt.Println(sent.ID != "", err)
	// Output: true <nil>
}
