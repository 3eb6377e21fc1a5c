package producer_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
)

// A reply with an empty URL is no URL.
func TestAnEmptyURLIsAnError(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := 0
		p := producer.New(double{look: func(context.Context) (*sqs.GetQueueUrlOutput, error) {
			if n++; n > 10000 {
				return &sqs.GetQueueUrlOutput{QueueUrl: new(byURL)}, nil // so that the test ends
			}
			return &sqs.GetQueueUrlOutput{QueueUrl: new("")}, nil
		}}, "orders")
		_, err := p.Send(t.Context(), producer.Message{Body: "x"})
		if n > 6 {
			t.Errorf("%d look-ups within an instant, and Send = %v", n, err)
		}
	})
}

// Nobody waits for anything any more: Close has nothing to wait for but a request under way.
func TestNothingIsLookedUpForNobody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n, failed := 0, make(chan struct{})
		p := producer.New(double{look: func(context.Context) (*sqs.GetQueueUrlOutput, error) {
			if n++; n == 5 {
				close(failed) // 0.8 to 1.6 s of backoff
			}
			return nil, errReset
		}}, "orders")
		ctx, cancel := context.WithCancel(t.Context())
		m := p.SendAsync(ctx, producer.Message{Body: "b"})
		<-failed
		synctest.Wait()
		cancel()
		<-m.Done()
		began := time.Now()
		if err := p.Close(t.Context()); err != nil || time.Since(began) > 0 || n != 5 {
			t.Errorf("Close of a producer with nothing pending = %v after %v, and the queue was looked up %d times", err, time.Since(began), n)
		}
	})
}

// A URL may end in a slash, for the name; it names a FIFO queue as well then.
func TestURLWithASlash(t *testing.T) {
	t.Parallel()
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("jobs.fifo")
	u, err := q.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: new("jobs.fifo")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = producer.New(q, *u.QueueUrl+"/").Send(t.Context(), producer.Message{Body: "b", Group: "g", DeduplicationID: "d"})
	if err != nil && strings.Contains(err.Error(), "only a FIFO queue takes") {
		t.Errorf("Send to jobs.fifo/ = %v", err)
	}
}
