package middleware_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// nothing is the handler of benchmarks.
var nothing = worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil })

// benchmark calls h with messages of a producer that traces.
func benchmark(b *testing.B, h worker.Handler) {
	attributes := stringAttributes("traceparent", "00-"+traceID+"-"+spanID+"-01")
	b.ReportAllocs()
	for b.Loop() {
		m := &worker.Message{Queue: "orders", ID: "id", Body: "b", Attempts: 1, Attributes: attributes}
		if err := h.Handle(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
}

func tracer(p trace.TracerProvider) worker.Middleware {
	return middleware.Trace(func(o *middleware.TraceOptions) { o.Provider = p }).Handler
}

// BenchmarkChain is what middleware costs a message, each alone and together. The first
// line is what the benchmark itself costs.
func BenchmarkChain(b *testing.B) {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	sampled := middleware.Log(quiet, func(o *middleware.LogOptions) { o.Sample = 1000 }).Handler
	recommended := []worker.Middleware{
		tracer(noop.NewTracerProvider()), sampled, middleware.DeadLetter(5), middleware.Retry(),
		middleware.Timeout(time.Minute), middleware.Recover(),
	}
	for _, bench := range []struct {
		name string
		mw   []worker.Middleware
	}{
		{"empty", nil},
		{"Trace/noop", recommended[:1]},
		{"Trace/sdk", []worker.Middleware{tracer(sdktrace.NewTracerProvider())}},
		{"Log", []worker.Middleware{middleware.Log(quiet).Handler}},
		{"Log/1of1000", []worker.Middleware{sampled}},
		{"DeadLetter", recommended[2:3]},
		{"Retry", recommended[3:4]},
		{"Timeout", recommended[4:5]},
		{"Recover", recommended[5:]},
		{"recommended", recommended},
	} {
		b.Run(bench.name, func(b *testing.B) { benchmark(b, worker.Chain(bench.mw...)(nothing)) })
	}
}

// BenchmarkIdempotent is of messages that come for the first time.
func BenchmarkIdempotent(b *testing.B) {
	h := middleware.Idempotent(middleware.NewMemoryStore())(nothing)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if err := h.Handle(b.Context(), &worker.Message{Queue: "orders", ID: fmt.Sprint(n), Body: "b"}); err != nil {
			b.Fatal(err)
		}
	}
}
