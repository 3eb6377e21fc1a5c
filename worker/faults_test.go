package worker_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/worker"
)

// unreliable is a queue behind a bad network: a fifth of the calls never
// arrive, a fifth are carried out but their reply is lost, and some are
// throttled.
type unreliable struct{ *local }

var errReply = &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}

func try[I, O any](ctx context.Context, in *I, call func(context.Context, *I, ...func(*sqs.Options)) (*O, error)) (*O, error) {
	time.Sleep(rand.N(20 * time.Millisecond))
	switch rand.N(20) {
	case 0, 1, 2, 3:
		return nil, errReply
	case 4, 5, 6, 7:
		if _, err := call(ctx, in); err != nil {
			return nil, err
		}
		return nil, errReply
	case 8:
		return nil, apiError("ThrottlingException")
	}
	return call(ctx, in)
}

func (u unreliable) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	return try(ctx, in, u.Server.ReceiveMessage)
}

func (u unreliable) DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	return try(ctx, in, u.Server.DeleteMessageBatch)
}

func (u unreliable) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	return try(ctx, in, u.Server.ChangeMessageVisibilityBatch)
}

// A worker makes up for a bad network: each message is done, and none twice,
// because what SQS delivers again after a lost delete is recognized.
func TestBadNetworkLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{"orders", "jobs.fifo"} {
		t.Run(queue, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, queue)
				if queue == "jobs.fifo" {
					q.send(queue, 20, "a", "b", "c", "d", "e")
				} else {
					q.send(queue, 100)
				}
				var done, failed tally
				w := start(t, unreliable{q}, queue, func(ctx context.Context, m *worker.Message) error {
					if err := wait(ctx, rand.N(time.Second)); err != nil {
						return err
					}
					if rand.N(5) == 0 && failed.add(m) == 1 {
						return worker.RetryAfter(rand.N(time.Minute), errLost)
					}
					done.add(m)
					return nil
				})
				after(12 * time.Hour)
				w.clean()
				done.each(t, 100, 1)
				q.want(queue, "0", "0")
			})
		})
	}
}
