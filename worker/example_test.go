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

// What will never succeed is not worth a retry. What a human should see goes to the
// dead-letter queue, with the reason.
func ExampleDeadLetter() {
	q := fill("42", "-1", "0")
	defer q.Close()
	ctx, stop := context.WithCancel(context.Background())
	w := worker.New(q, "orders", worker.JSON(func(ctx context.Context, amount int) error {
		switch {
		case amount < 0:
			return worker.DeadLetter(errors.New("a negative amount"))
		case amount == 0:
			return worker.Discard(errors.New("nothing to do"))
		}
		return nil
	}), func(o *worker.Options) {
		o.Concurrency = 1
		o.Hook = func(_ context.Context, e worker.Event) {
			if e.Kind != worker.EventHandled {
				return
			}
			fmt.Println(e.Message.Body, e.Outcome, e.Err)
			if e.Message.Body == "0" {
				stop()
			}
		}
	})
	fmt.Println("Run:", w.Run(ctx))
	// Output:
	// 42 done <nil>
	// -1 dead-lettered dead-letter: a negative amount
	// 0 discarded discard: nothing to do
	// Run: <nil>
}

// Workers of several queues share ten handlers. While there are too few of them, the
// first queue gets two thirds.
func ExamplePool() {
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("mails", "reports")
	ctx, stop := context.WithCancel(context.Background())
	pool := worker.NewPool(10)
	h := worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil })
	mails := worker.New(q, "mails", h, func(o *worker.Options) { o.Pool, o.Weight = pool, 2 })
	reports := worker.New(q, "reports", h, func(o *worker.Options) { o.Pool = pool })

	ended := make(chan error)
	for _, w := range []*worker.Worker{mails, reports} {
		go func() { ended <- w.Run(ctx) }()
	}
	stop() // in a service: when it is told to
	fmt.Println(<-ended, <-ended)
	// Output:
	// <nil> <nil>
}

// What a worker costs: requests to SQS, at the price of a region.
func ExampleStats_Cost() {
	s := worker.Stats{Done: 1000, Requests: map[string]int64{"ReceiveMessage": 100, "DeleteMessageBatch": 100}}
	fmt.Printf("%.2f dollars for a million messages\n", s.Cost(worker.USEast1))
	// Output:
	// 0.08 dollars for a million messages
}

// A worker with everything: a handler for each type of message, some of them in
// batches, and gates that hold it back.
func ExampleGate() {
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("orders -> orders-dlq")
	url, err := q.GetQueueUrl(context.Background(), &sqs.GetQueueUrlInput{QueueName: new("orders")})
	if err != nil {
		panic(err)
	}
	for _, kind := range []string{"paid", "click", "click"} {
		if _, err := q.SendMessage(context.Background(), &sqs.SendMessageInput{
			QueueUrl: url.QueueUrl, MessageBody: new(`{"Kind":"` + kind + `","Customer":"7"}`),
		}); err != nil {
			panic(err)
		}
	}

	type order struct{ Kind, Customer string }
	var left atomic.Int32
	left.Store(3)
	ctx, stop := context.WithCancel(context.Background())
	done := func(n int) {
		if left.Add(-int32(n)) == 0 {
			stop()
		}
	}
	x := worker.NewMux(worker.ByField("Kind"))
	x.Route("paid", worker.JSON(func(context.Context, order) error {
		done(1)
		return nil
	}))
	x.Route("click", worker.Batch(2, time.Second, func(_ context.Context, clicks []order) []error {
		done(len(clicks))
		return nil // all are done
	}))
	healthy := func(context.Context) error { return nil } // db.PingContext, say
	w := worker.New(q, "orders", x, func(o *worker.Options) {
		o.Gates = []worker.Gate{
			worker.RateLimit(50, 10),
			worker.PerKey(2, func(m *worker.Message) string { return m.Group }),
			worker.GateFunc(healthy, 5*time.Second),
			worker.NewBreaker(),
		}
	})
	fmt.Println("Run:", w.Run(ctx))
	fmt.Println(w.Stats().Done, "done")
	// Output:
	// Run: <nil>
	// 3 done
}
