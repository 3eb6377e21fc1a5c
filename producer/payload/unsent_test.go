package payload_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
)

// unfound is a client that does not reach SQS to look for its queue.
type unfound struct{ client }

func (unfound) GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	return nil, errors.New("connection refused")
}

// Of a message that never made a request, nothing stays behind.
func TestOffloadUnsent(t *testing.T) {
	t.Parallel()
	oops := errors.New("oops")
	for name, test := range map[string]struct {
		queue  string
		m      producer.Message
		client producer.Client
		behind producer.Middleware
	}{
		"no group":          {queue: "jobs.fifo"},
		"delay":             {m: producer.Message{Delay: time.Hour}},
		"type not text":     {m: producer.Message{Type: "\xff"}},
		"queue not found":   {client: unfound{}},
		"middleware behind": {behind: func(context.Context, *producer.Message) (func(producer.Sent, error), error) { return nil, oops }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s memory
			if test.queue == "" {
				test.queue = "jobs"
			}
			if test.client == nil {
				test.client = client(func(context.Context, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
					t.Error("a request to send")
					return nil, oops
				})
			}
			p := producer.New(test.client, test.queue, func(o *producer.Options) {
				o.Middleware = append(o.Middleware, payload.Offload(&s, always, func(o *payload.Options) {
					o.OnLeft = func(key string, err error) { t.Errorf("told of %q: %v", key, err) }
				}))
				if test.behind != nil {
					o.Middleware = append(o.Middleware, test.behind)
				}
			})
			test.m.Body = "x"
			if _, err := p.Send(t.Context(), test.m); err == nil || len(s.keys()) != 0 || len(s.deletes()) != 1 || test.behind != nil && !errors.Is(err, oops) {
				t.Errorf("Send = %v; objects %q, deletes %q", err, s.keys(), s.deletes())
			}
		})
	}
}

// Nor of one that waits when the producer is closed without patience.
func TestOffloadUnsentAtClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s memory
		p := offloading(client(func(ctx context.Context, _ *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			return nil, hang(ctx)
		}), "jobs.fifo", &s, always) // one request at a time
		ended := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := p.Send(t.Context(), producer.Message{Body: "x", Group: "g"})
				ended <- err
			}()
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.Close(ctx); err == nil {
			t.Error("Close = nil")
		}
		for range 2 {
			if err := <-ended; !errors.Is(err, producer.ErrClosed) {
				t.Errorf("Send = %v", err)
			}
		}
		if len(s.keys()) != 1 || len(s.deletes()) != 1 {
			t.Errorf("objects %q, deletes %q; want that of the request to stay", s.keys(), s.deletes())
		}
	})
}
