// Tracing follows an order through two queues, and prints the spans that OpenTelemetry's
// SDK has exported to standard output: as a tree, or with -json as they are.
//
//	go run ./examples/tracing
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

func main() {
	asJSON := flag.Bool("json", false, "print the spans as the exporter writes them")
	flag.Parse()
	if err := show(context.Background(), os.Stdout, *asJSON); err != nil {
		log.Fatal("tracing: ", err)
	}
}

// show has an order traced and prints its spans to w.
func show(ctx context.Context, w io.Writer, asJSON bool) error {
	var exported bytes.Buffer
	exporter, err := stdouttrace.New(stdouttrace.WithWriter(&exported))
	if err != nil {
		return err
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	if err := order(ctx, provider); err != nil {
		return err
	}
	if err := provider.Shutdown(ctx); err != nil { // exports what there is
		return err
	}
	if asJSON {
		_, err := exported.WriteTo(w)
		return err
	}
	return printTree(w, &exported)
}

type (
	Order  struct{ ID string }
	Parcel struct{ Order string }
)

// order sends an order, which one worker packs and a second one ships.
func order(ctx context.Context, provider *sdktrace.TracerProvider) error {
	q := localqueue.New() // in production: sqs.NewFromConfig(cfg), and no MustCreate
	defer q.Close()
	q.MustCreate("orders", "parcels")

	trace := middleware.Trace(func(o *middleware.TraceOptions) {
		o.Provider = provider
		o.Parent = true // one trace from end to end; by default the traces are linked
	})
	ctx, stop := context.WithCancel(ctx)
	defer stop()

	parcels := producer.New(q, "parcels", trace.Producer)
	pack := worker.JSON(func(ctx context.Context, o Order) error {
		_, err := parcels.Send(ctx, producer.JSON(Parcel{Order: o.ID}))
		return err
	})
	ship := worker.JSON(func(ctx context.Context, p Parcel) error {
		_, span := provider.Tracer("shop").Start(ctx, "print label")
		span.End()
		stop() // a service runs until Ctrl-C; this one ends with its one parcel
		return nil
	})
	ended := make(chan error)
	go func() { ended <- worker.New(q, "orders", trace.Handler(pack), trace.Worker).Run(ctx) }()
	go func() { ended <- worker.New(q, "parcels", trace.Handler(ship), trace.Worker).Run(ctx) }()

	checkout, span := provider.Tracer("shop").Start(context.WithoutCancel(ctx), "checkout")
	_, err := producer.New(q, "orders", trace.Producer).Send(checkout, producer.JSON(Order{ID: "42"}))
	span.End()
	for range 2 {
		if err != nil {
			stop()
		}
		if e := <-ended; err == nil {
			err = e
		}
	}
	if err != nil {
		return fmt.Errorf("order: %w", err)
	}
	return nil
}
