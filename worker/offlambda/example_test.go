package offlambda_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
	"github.com/quayside-go/quayside/worker/offlambda"
)

// A function as main gave it to lambda.Start runs on a worker.
func ExampleHandler() {
	q := localqueue.New() // in production: sqs.NewFromConfig(cfg)
	defer q.Close()
	q.MustCreate("orders")
	p := producer.New(q, "orders")
	for i := range 3 {
		p.Send(context.Background(), producer.Message{Body: fmt.Sprint("order ", i)})
	}

	ctx, stop := context.WithCancel(context.Background())
	handle := func(_ context.Context, e events.SQSEvent) error {
		for _, r := range e.Records {
			fmt.Println("handle", r.Body)
		}
		stop()
		return nil
	}
	h := offlambda.Handler(handle, func(o *offlambda.Options) { o.BatchSize, o.Window = 3, time.Second })
	fmt.Println("Run:", worker.New(q, "orders", h).Run(ctx))
	// Unordered output:
	// handle order 0
	// handle order 1
	// handle order 2
	// Run: <nil>
}
