package middleware_test

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

func ExampleLog() {
	q := localqueue.New() // in production: sqs.NewFromConfig(cfg)
	defer q.Close()
	q.MustCreate("orders -> orders-dlq")

	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { // what differs from run to run
			switch a.Key {
			case slog.TimeKey, "duration", "id":
				return slog.Attr{}
			}
			return a
		},
	}))
	l := middleware.Log(logger, func(o *middleware.LogOptions) { o.Body = true })

	ctx, stop := context.WithCancel(context.Background())
	ship := func(_ context.Context, m *worker.Message) error {
		if m.Body == "42" {
			return nil
		}
		return worker.DeadLetter(errors.New("no such order"))
	}
	p := producer.New(q, "orders", l.Producer)
	for _, body := range []string{"42", "43"} {
		p.Send(ctx, producer.Message{Body: body, Type: "shipment"})
	}
	untilFailed := func(o *worker.Options) {
		o.Concurrency = 1
		o.Hook = func(_ context.Context, e worker.Event) {
			if e.Kind == worker.EventHandled && e.Err != nil {
				stop()
			}
		}
	}
	w := worker.New(q, "orders", l.Handler(worker.HandlerFunc(ship)), untilFailed, l.Worker)
	if err := w.Run(ctx); err != nil {
		logger.Error("worker", "error", err)
	}
	// Output:
	// level=INFO msg=handled queue=orders type=shipment attempts=1 receives=1 outcome=done body=42
	// level=ERROR msg=handled queue=orders type=shipment attempts=1 receives=1 outcome=dead-lettered error="dead-letter: no such order" body=43
	// level=INFO msg=draining queue=orders
	// level=INFO msg=stopped queue=orders done=0 failed=0 released=0 abandoned=0 undeleted=0
}
