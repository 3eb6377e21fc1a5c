package middleware_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

// A report that SQS would not take: the queue carries a pointer, and the handler sees the
// report.
func ExamplePayload() {
	type Report struct{ Text string }
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	q := localqueue.New() // in production: sqs.NewFromConfig(cfg), and no MustCreate
	defer q.Close()
	q.MustCreate("reports -> reports-dlq")
	dir, _ := os.MkdirTemp("", "bodies")
	defer os.RemoveAll(dir)
	store, err := payload.OpenDir(dir, "bodies") // in production: s3.New(client, "my-bucket")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()

	p := producer.New(q, "reports", func(o *producer.Options) {
		o.Middleware = append(o.Middleware, payload.Offload(store))
	})
	if _, err := p.Send(ctx, producer.JSON(Report{strings.Repeat("all is well. ", 100_000)})); err != nil {
		fmt.Println(err)
	}

	bodies := middleware.Payload(store)
	h := bodies.Handler(worker.JSON(func(ctx context.Context, r Report) error {
		m, _ := worker.FromContext(ctx)
		fmt.Printf("a report of %d characters, by a message of %d\n", len(r.Text), len(*m.SDK().Body))
		stop() // a service runs until Ctrl-C
		return nil
	}))
	// bodies.Worker has the worker delete what nobody needs any more.
	fmt.Println("stopped:", worker.New(q, "reports", h, bodies.Worker).Run(ctx))
	left, _ := os.ReadDir(dir)
	fmt.Println("files left:", len(left))
	// Output:
	// a report of 1300000 characters, by a message of 127
	// stopped: <nil>
	// files left: 0
}
