package onlambda_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
	"github.com/quayside-go/quayside/worker/onlambda"
)

// deaf is a client that does not end with its contexts, or panics.
type deaf struct {
	*localqueue.Server
	panics bool
}

func (d deaf) ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	if d.panics {
		panic("the client")
	}
	time.Sleep(time.Hour)
	return &sqs.ChangeMessageVisibilityBatchOutput{}, nil
}

// Whatever the client does, the response leaves in time, and tells what was done.
func TestDeafClient(t *testing.T) {
	t.Parallel()
	for name, panics := range map[string]bool{"deaf": false, "panics": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := localqueue.New()
				defer q.Close()
				q.MustCreate("jobs")
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
				defer cancel()
				h := onlambda.Handler(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
					if m.ID == "1" {
						return nil
					}
					return worker.RetryAfter(time.Minute, nil)
				}), func(o *onlambda.Options) { o.Client = deaf{q, panics} })
				start := time.Now()
				r, err := h(ctx, event("1", "2"))
				if took := time.Since(start); err != nil || took >= 20*time.Second || len(r.BatchItemFailures) != 1 || r.BatchItemFailures[0].ItemIdentifier != "2" {
					t.Errorf("%v, %v after %v of 20s; want that message 2 has failed", r, err, took)
				}
				time.Sleep(2 * time.Hour) // until the client has returned
			})
		})
	}
}
