package worker_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
)

// fill returns a queue "orders" in this process that holds the given bodies.
func fill(bodies ...string) *localqueue.Server {
	ctx := context.Background()
	q := localqueue.New()
	q.MustCreate("orders -> orders-dlq")
	url, err := q.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: new("orders")})
	if err != nil {
		panic(err)
	}
	for _, body := range bodies {
		if _, err := q.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url.QueueUrl, MessageBody: &body}); err != nil {
			panic(err)
		}
	}
	return q
}

func Example() {
	type Order struct{ ID string }
	q := fill(`{"ID":"42"}`) // in production: sqs.NewFromConfig(cfg)
	defer q.Close()

	// In production: signal.NotifyContext(..., os.Interrupt, syscall.SIGTERM).
	ctx, stop := context.WithCancel(context.Background())
	w := worker.New(q, "orders", worker.JSON(func(ctx context.Context, o Order) error {
		fmt.Println("ship order", o.ID)
		stop()
		return nil
	}))
	fmt.Println("Run:", w.Run(ctx))
	// Output:
	// ship order 42
	// Run: <nil>
}

func ExampleRetryAfter() {
	q := fill("an order")
	defer q.Close()
	ctx, stop := context.WithCancel(context.Background())
	w := worker.New(q, "orders", worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
		fmt.Println("receive", m.Receives)
		if m.Receives < 3 {
			return worker.RetryAfter(0, errors.New("the stock is locked")) // mostly some seconds or minutes
		}
		stop()
		return nil
	}))
	fmt.Println("Run:", w.Run(ctx))
	// Output:
	// receive 1
	// receive 2
	// receive 3
	// Run: <nil>
}

// A retry policy for all messages of a worker: longer and longer, up to an hour.
func ExamplePolicy() {
	_ = func(o *worker.Options) {
		o.Policy.Retry = func(m *worker.Message, err error) time.Duration {
			return min(time.Second<<min(m.Attempts, 12), time.Hour)
		}
	}
}

// The hook makes logs, metrics and traces possible. This one counts requests.
func ExampleOptions_hook() {
	q := fill("a", "b", "c")
	defer q.Close()
	ctx, stop := context.WithCancel(context.Background())
	var done, deletes, deleted atomic.Int32
	w := worker.New(q, "orders", worker.HandlerFunc(func(context.Context, *worker.Message) error {
		if done.Add(1) == 3 {
			stop()
		}
		return nil
	}), func(o *worker.Options) {
		o.Hook = func(_ context.Context, e worker.Event) {
			if e.Kind == worker.EventRequest && e.Action == "DeleteMessageBatch" {
				deletes.Add(1)
				deleted.Add(int32(len(e.Messages)))
			}
		}
	})
	fmt.Println("Run:", w.Run(ctx))
	fmt.Println(deleted.Load(), "messages deleted by", deletes.Load(), "request")
	// Output:
	// Run: <nil>
	// 3 messages deleted by 1 request
}
