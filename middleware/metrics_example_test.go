package middleware_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

func ExampleMetrics() {
	q := localqueue.New() // in production: sqs.NewFromConfig(cfg)
	defer q.Close()
	q.MustCreate("orders")

	reader := sdkmetric.NewManualReader() // in production: one that exports
	metrics, err := middleware.Metrics(func(o *middleware.MetricsOptions) {
		o.Provider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	})
	if err != nil {
		log.Fatal(err)
	}

	ctx, stop := context.WithCancel(context.Background())
	p := producer.New(q, "orders", metrics.Producer)
	for _, body := range []string{"42", "43"} {
		if _, err := p.Send(ctx, producer.Message{Body: body}); err != nil {
			log.Fatal(err)
		}
	}
	ship := worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		if m.Body == "43" {
			stop()
		}
		return nil
	})
	one := func(o *worker.Options) { o.Concurrency = 1 }
	if err := worker.New(q, "orders", ship, metrics.Worker, one).Run(ctx); err != nil {
		log.Fatal(err)
	}
	show(reader)
	// Output:
	// messaging.client.operation.duration (s): receive, ack, send
	// messaging.client.sent.messages ({message}): 2
	// messaging.client.consumed.messages ({message}): 2
	// messaging.process.duration (s): process
	// quayside.worker.outcomes ({message}): 2
	// quayside.sqs.requests ({request}): some
	// quayside.sqs.cost ({USD}): some
}

// show prints what reader collects: what there was of a histogram, or a counter's value.
func show(reader sdkmetric.Reader) {
	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		log.Fatal(err)
	}
	for _, m := range all.ScopeMetrics[0].Metrics {
		said := "some"
		switch data := m.Data.(type) {
		case metricdata.Histogram[float64]:
			var operations []string
			for _, name := range []string{"receive", "ack", "send", "process"} {
				for _, p := range data.DataPoints {
					if v, _ := p.Attributes.Value(attribute.Key("messaging.operation.name")); v.AsString() == name {
						operations = append(operations, name)
					}
				}
			}
			said = strings.Join(operations, ", ")
		case metricdata.Sum[int64]:
			if strings.HasPrefix(m.Unit, "{message}") {
				said = fmt.Sprint(data.DataPoints[0].Value)
			}
		}
		fmt.Printf("%s (%s): %s\n", m.Name, m.Unit, said)
	}
}
