package middleware_test

import (
	"context"
	"fmt"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// A message's spans: what is about it is linked to the span in which it was created.
func ExampleTrace() {
	spans := tracetest.NewSpanRecorder() // in production: an exporter
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	trace := middleware.Trace(func(o *middleware.TraceOptions) { o.Provider = provider })

	q := localqueue.New()
	defer q.Close()
	q.MustCreate("orders")
	p := producer.New(q, "orders", trace.Producer)
	if _, err := p.Send(context.Background(), producer.Message{Body: "42"}); err != nil {
		fmt.Println(err)
	}

	ctx, stop := context.WithCancel(context.Background())
	ship := worker.HandlerFunc(func(context.Context, *worker.Message) error {
		stop()
		return nil
	})
	if err := worker.New(q, "orders", trace.Handler(ship), trace.Worker).Run(ctx); err != nil {
		fmt.Println(err)
	}
	for _, s := range spans.Ended() {
		fmt.Println(s.SpanKind(), s.Name(), "links:", len(s.Links()))
	}
	// Unordered output:
	// producer create orders links: 0
	// client send orders links: 1
	// client receive orders links: 1
	// consumer process orders links: 1
	// client ack orders links: 1
}
