package middleware_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

// A report that SQS would not take, and no store to put it: several messages carry it, and
// the handler sees one.
func ExampleSegments() {
	type Report struct{ Text string }
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	q := localqueue.New() // in production: sqs.NewFromConfig(cfg), and no MustCreate
	defer q.Close()
	q.MustCreate("reports -> reports-dlq")

	p := producer.New(q, "reports")
	parts, err := payload.SendSegments(ctx, p, producer.JSON(Report{strings.Repeat("all is well. ", 200_000)}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("messages:", len(parts))

	segments := middleware.Segments()
	h := segments.Handler(worker.JSON(func(ctx context.Context, r Report) error {
		fmt.Printf("a report of %d characters\n", len(r.Text))
		stop() // a service runs until Ctrl-C
		return nil
	}))
	// segments.Worker has the worker give back at a shutdown what is not complete.
	w := worker.New(q, "reports", h, segments.Worker, func(o *worker.Options) {
		o.Concurrency = 20 // a permit for each part, and some for others
	})
	fmt.Println("stopped:", w.Run(ctx))
	// Output:
	// messages: 3
	// a report of 2600000 characters
	// stopped: <nil>
}
