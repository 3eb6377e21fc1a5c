package middleware_test

import (
	"context"
	"testing"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// BenchmarkMetrics is what a Metering costs per event.
func BenchmarkMetrics(b *testing.B) {
	providers := map[string]metric.MeterProvider{
		"noop": noop.NewMeterProvider(),
		"sdk":  sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader())),
	}
	const url = "https://sqs.eu-central-1.amazonaws.com/123456789012/orders"
	events := map[string]worker.Event{
		"handled": {Kind: worker.EventHandled, Queue: "orders", URL: url, Outcome: worker.Done, Duration: time.Millisecond},
		"failed":  {Kind: worker.EventHandled, Queue: "orders", URL: url, Outcome: worker.Failed, Duration: time.Millisecond, Err: errBroken},
		"receive": {Kind: worker.EventRequest, Queue: "orders", URL: url, Action: "ReceiveMessage", Messages: make([]*worker.Message, 10), Duration: time.Millisecond},
		"delete":  {Kind: worker.EventRequest, Queue: "orders", URL: url, Action: "DeleteMessageBatch", Messages: make([]*worker.Message, 10), Duration: time.Millisecond},
		"pollers": {Kind: worker.EventPollers, Queue: "orders", URL: url},
	}
	for provider, p := range providers {
		m, err := middleware.Metrics(func(o *middleware.MetricsOptions) { o.Provider = p })
		if err != nil {
			b.Fatal(err)
		}
		var o worker.Options
		m.Worker(&o)
		for name, e := range events {
			b.Run(provider+"/"+name, func(b *testing.B) {
				e.Worker = worker.New(nil, "orders", nil)
				b.ReportAllocs()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						o.Hook(context.Background(), e)
					}
				})
			})
		}
	}
}
