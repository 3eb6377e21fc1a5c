package onlambda_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
	"github.com/quayside-go/quayside/worker/onlambda"
)

// Logs, metrics and traces are made from the events of an invocation as from a worker's.
func TestObserve(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newQueue(t, "jobs -> jobs-dlq")
		send(t, q, "jobs", "done", "failed", "dead", "panics", "stubborn", "released")
		var lines bytes.Buffer
		log := middleware.Log(slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: brief})))
		reader := sdkmetric.NewManualReader()
		meters, err := middleware.Metrics(func(o *middleware.MetricsOptions) {
			o.Provider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
		})
		if err != nil {
			t.Fatal(err)
		}
		spans := tracetest.NewSpanRecorder()
		tracing := middleware.Trace(func(o *middleware.TraceOptions) {
			o.Provider = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
		})
		h := worker.Chain(tracing.Handler)(worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			switch m.Body {
			case "failed":
				return worker.RetryAfter(time.Minute, errLost)
			case "dead":
				return worker.DeadLetter(errLost)
			case "panics":
				panic("no")
			case "stubborn":
				time.Sleep(time.Minute)
			case "released":
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}))
		var before atomic.Int64
		p := &mapping{t: t, q: q, queue: "jobs", limit: 10 * time.Second, fn: onlambda.Handler(h,
			func(o *onlambda.Options) {
				o.Client, o.Hook = q, func(context.Context, worker.Event) { before.Add(1) }
			},
			onlambda.Observe(log.Worker, nil, meters.Worker, tracing.Worker))}
		p.invoke()
		time.Sleep(time.Hour)

		want := []string{
			"ERROR abandoned", "ERROR handled outcome=dead-lettered", "ERROR handled outcome=failed",
			"INFO handled outcome=done", "INFO handled outcome=released", "INFO released", "WARN handled outcome=failed",
		}
		if got := sorted(lines.String()); !slices.Equal(got, want) {
			t.Errorf("logged %q, want %q", got, want)
		}
		var all metricdata.ResourceMetrics
		if err := reader.Collect(context.Background(), &all); err != nil || len(all.ScopeMetrics) == 0 {
			t.Errorf("no metrics: %v", err)
		}
		names := make(map[string]int)
		for _, s := range spans.Ended() {
			names[s.Name()]++
		}
		if want := "map[nack jobs:1 process jobs:6 send jobs-dlq:1]"; fmt.Sprint(names) != want {
			t.Errorf("spans %v, want %v", names, want)
		}
		if before.Load() == 0 {
			t.Error("Observe has replaced the hook that was there")
		}
	})
}

// brief leaves of a line what tells it from others.
func brief(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.LevelKey, slog.MessageKey, "outcome":
		return a
	}
	return slog.Attr{}
}

func sorted(lines string) []string {
	all := strings.Split(strings.TrimSpace(strings.NewReplacer("level=", "", "msg=", "").Replace(lines)), "\n")
	slices.Sort(all)
	return all
}

// A record's trace context is that of the message, in either form.
func TestTraceContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newQueue(t, "jobs")
		spans := tracetest.NewSpanRecorder()
		tracing := middleware.Trace(func(o *middleware.TraceOptions) {
			o.Provider = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
		})
		sender := producer.New(q, "jobs", func(o *producer.Options) { o.Middleware = append(o.Middleware, tracing.Send) })
		if _, err := sender.Send(context.Background(), producer.Message{Body: "by attribute"}); err != nil {
			t.Fatal(err)
		}
		created := spans.Ended()[0].SpanContext()
		const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
		if _, err := q.SendMessage(context.Background(), &sqs.SendMessageInput{
			QueueUrl: urlOf(t, q, "jobs"), MessageBody: new("by header"),
			MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{"AWSTraceHeader": {DataType: new("String"), StringValue: new(header)}},
		}); err != nil {
			t.Fatal(err)
		}
		(&mapping{t: t, q: q, queue: "jobs", fn: onlambda.Handler(tracing.Handler(by(nil)))}).invoke()
		linked := make(map[trace.TraceID]bool)
		for _, s := range spans.Ended() {
			if s.Name() == "process jobs" && len(s.Links()) == 1 {
				linked[s.Links()[0].SpanContext.TraceID()] = true
			}
		}
		xray, _ := trace.TraceIDFromHex("5759e988bd862e3fe1be46a994272793")
		if len(linked) != 2 || !linked[created.TraceID()] || !linked[xray] {
			t.Errorf("the handlers' spans are linked to %v, want %v and %v", linked, created.TraceID(), xray)
		}
	})
}
