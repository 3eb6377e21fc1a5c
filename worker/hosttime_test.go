package worker_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/quayside-go/quayside/worker"
)

// slowURL takes as long for a dead-letter queue's URL as it may.
type slowURL struct{ *fake }

func (s slowURL) GetQueueUrl(ctx context.Context, in *sqs.GetQueueUrlInput, o ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	if *in.QueueName != "dead" {
		return s.fake.GetQueueUrl(ctx, in, o...)
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

// While one session looks for the dead-letter queue, another one's
// time ends: it does not wait for the first.
func TestABurialEndsWithItsSession(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		h, err := worker.NewHost(slowURL{f}, "orders", worker.HandlerFunc(func(context.Context, *worker.Message) error {
			return worker.DeadLetter(errLost)
		}), worker.HostOptions{DeadLetterQueue: "dead"})
		if err != nil {
			t.Fatal(err)
		}
		first := h.Open(context.Background())
		over := make(chan struct{})
		go func() {
			defer close(over)
			first.Deliver(context.Background(), first.Message(message("0", 1, ""), time.Now()), func(worker.Settlement) {})
		}()
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		second := h.Open(ctx)
		start := time.Now()
		second.Deliver(context.Background(), second.Message(message("1", 1, ""), time.Now()), func(worker.Settlement) {})
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("a session of one second delivered for %v", took)
		}
		<-over
	})
}

// A machine whose clock is an hour ahead of SQS's still has its changes made.
func TestClockAhead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake() // visibility timeout 60 s
		h := newHost(t, f, func(context.Context, *worker.Message) error { return worker.RetryAfter(5*time.Second, errLost) })
		m := message("0", 1, "")
		m.Attributes["ApproximateFirstReceiveTimestamp"] = fmt.Sprint(time.Now().Add(-time.Hour).UnixMilli())
		deliver(h, m)
		if len(f.changes) != 1 {
			t.Errorf("changes %v, events %v", f.changes, f.of(worker.EventUnsettled))
		}
	})
}
