package worker_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/worker"
)

// timeouts writes down when messages, by receipt handle, were extended and released last.
type timeouts struct {
	*local
	mu                 sync.Mutex
	extended, released map[string]time.Time
}

func (c *timeouts) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, opts ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	c.mu.Lock()
	for _, e := range in.Entries {
		if e.VisibilityTimeout > 0 {
			c.extended[*e.ReceiptHandle] = time.Now()
		} else {
			c.released[*e.ReceiptHandle] = time.Now()
		}
	}
	c.mu.Unlock()
	return c.Server.ChangeMessageVisibilityBatch(ctx, in, opts...)
}

// What has waited in the buffer for so long that it goes back is not extended once more.
func TestLocalWhatGoesBackIsNotExtended(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := &timeouts{local: newLocal(t, "orders"), extended: make(map[string]time.Time), released: make(map[string]time.Time)}
		start(t, c, "orders", func(ctx context.Context, m *worker.Message) error {
			if m.Body == "99" {
				return wait(ctx, 90*time.Second)
			}
			return nil
		}, func(o *worker.Options) {
			o.Concurrency, o.Prefetch = 1, 90
			o.Hook = func(_ context.Context, e worker.Event) {
				if e.Kind == worker.EventReleased {
					time.Sleep(time.Millisecond) // while an extension could leave
				}
			}
		})
		c.send("orders", 100) // the last of which keeps the permit
		time.Sleep(time.Second)
		c.send("orders", 90)
		after(50 * time.Second)
		c.mu.Lock()
		defer c.mu.Unlock()
		both := 0
		for handle, at := range c.released {
			if at.Sub(c.extended[handle]) < time.Second {
				both++
			}
		}
		if len(c.released) < 50 || both > 0 {
			t.Errorf("%d messages went back, and %d of them were extended just before; want 50 or more, and none", len(c.released), both)
		}
	})
}
