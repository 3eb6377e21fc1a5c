package eventsource_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/eventsource"
	"github.com/quayside-go/quayside/localqueue"
)

// TestDuplicate has a message delivered twice into one batch: named once, it stays twice;
// else both deliveries are deleted.
func TestDuplicate(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		t.Run(fmt.Sprint(fails), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q := queue(t, "orders")
				send(t, q, "orders", "", 1)
				c := &doubling{Server: q}
				f := newFake(1, func(_ context.Context, e events.SQSEvent) ([]byte, error) {
					if fails {
						return failing(e.Records[0].MessageId), nil
					}
					return nil, nil
				})
				run(t, open(t, c, "orders"), f)
				synctest.Wait()
				if got := f.seen(); !reflect.DeepEqual(got, [][]string{{"1", "1"}}) {
					t.Fatalf("invoked with %v", got)
				}
				want := 0
				if fails {
					want = 1
				}
				wantCounts(t, q, "orders", 0, want)
				if wrong := c.sameIDs; wrong {
					t.Error("entries of a delete have the same id")
				}
				if fails != (c.deleted == 0) || !fails && c.deleted != 2 {
					t.Errorf("%d deletes", c.deleted)
				}
			})
		})
	}
}

// doubling delivers each message twice in a reply.
type doubling struct {
	*localqueue.Server
	mu      sync.Mutex
	deleted int
	sameIDs bool
}

func (d *doubling) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	out, err := d.Server.ReceiveMessage(ctx, in)
	if err == nil {
		out.Messages = append(out.Messages, out.Messages...)
	}
	return out, err
}

func (d *doubling) DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	ids := make(map[string]bool)
	for _, e := range in.Entries {
		d.deleted++
		d.sameIDs = d.sameIDs || ids[*e.Id]
		ids[*e.Id] = true
	}
	return d.Server.DeleteMessageBatch(ctx, in)
}

// TestDeletesRetried has deletes fail in all ways: none is forgotten, and what was handled is
// not handled again.
func TestDeletesRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders", func(o *localqueue.Options) {
			o.Faults.Seed = 7
			for _, k := range []localqueue.FaultKind{localqueue.PartialBatch, localqueue.LostRequest, localqueue.LostReply, localqueue.ServerError} {
				o.Faults.Rules = append(o.Faults.Rules, localqueue.Fault{Kind: k, Action: "DeleteMessageBatch", Rate: 0.03})
			}
		})
		f := newFake(5, well)
		m := open(t, q, "orders")
		send(t, q, "orders", "", 500)
		stop := run(t, m, f)
		time.Sleep(5 * time.Minute)
		stop()
		wantCounts(t, q, "orders", 0, 0)
		if got := m.Totals(); got.Records != 500 || got.Undeleted != 0 || got.Failed != 0 {
			t.Errorf("totals %+v", got)
		}
	})
}

// TestReceivesRetried has receives fail for a while; then the queue is deleted, which ends it.
func TestReceivesRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders")
		var mu sync.Mutex
		told := 0
		m := open(t, q, "orders", func(o *eventsource.Options) {
			o.OnError = func(error) {
				mu.Lock()
				defer mu.Unlock()
				told++
			}
		})
		if err := q.SetFaults(localqueue.Faults{Rules: []localqueue.Fault{{Kind: localqueue.ServerError, Action: "ReceiveMessage", Rate: 1}}}); err != nil {
			t.Fatal(err)
		}
		f := newFake(2, well)
		ended := make(chan error, 1)
		go func() { ended <- m.Run(t.Context(), f) }()
		time.Sleep(10 * time.Second)
		mu.Lock()
		if told < 5 || told > 15 {
			t.Errorf("%d receives failed in 10 s, want pauses that double", told)
		}
		mu.Unlock()
		if err := q.SetFaults(localqueue.Faults{}); err != nil {
			t.Fatal(err)
		}
		send(t, q, "orders", "", 3)
		time.Sleep(20 * time.Second)
		wantCounts(t, q, "orders", 0, 0)
		name := "orders"
		if _, err := q.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &name}); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; !errors.As(err, new(*types.QueueDoesNotExist)) {
			t.Errorf("Run: %v", err)
		}
	})
}
