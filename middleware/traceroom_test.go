package middleware_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"go.opentelemetry.io/otel/trace"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// A message that can be sent without tracing can be sent with it.
func TestTraceOfLargestMessage(t *testing.T) {
	t.Parallel()
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("orders")
	m := producer.Message{Body: strings.Repeat("x", 1<<20)}
	if _, err := producer.New(q, "orders").Send(t.Context(), m); err != nil {
		t.Fatalf("without tracing: %v", err)
	}
	receiveOne(t, q, "orders")
	s := newSpans()
	if _, err := producer.New(q, "orders", s.tracing().Producer).Send(t.Context(), m); err != nil {
		t.Fatalf("with tracing: %v", err)
	}
	got := receiveOne(t, q, "orders")
	if got.Attributes["AWSTraceHeader"] == "" {
		t.Error("the context does not travel in the header, which takes no room")
	}
}

// The last room for an attribute is for traceparent: a tracestate alone says nothing.
func TestTraceparentBeforeTracestate(t *testing.T) {
	t.Parallel()
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("orders")
	nine := stringAttributes()
	for i := range 9 {
		nine[fmt.Sprint("a", i)] = text("v")
	}
	state, _ := trace.ParseTraceState("vendor=1")
	id, _ := trace.TraceIDFromHex(traceID)
	span, _ := trace.SpanIDFromHex(spanID)
	ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: id, SpanID: span, TraceFlags: trace.FlagsSampled, TraceState: state,
	}))
	if _, err := producer.New(q, "orders", newSpans().tracing().Producer).Send(ctx, producer.Message{Body: "b", Attributes: nine}); err != nil {
		t.Fatal(err)
	}
	as := receiveOne(t, q, "orders").MessageAttributes
	if aws.ToString(as["traceparent"].StringValue) == "" {
		t.Errorf("the tenth attribute is %q, want traceparent", aws.ToString(as["tracestate"].StringValue))
	}
}

// A middleware that panics leaves no span of others open.
func TestTraceSendPanics(t *testing.T) {
	t.Parallel()
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("orders")
	s := newSpans()
	p := producer.New(q, "orders", s.tracing().Producer, func(o *producer.Options) {
		o.Middleware = append(o.Middleware, func(context.Context, *producer.Message) (func(producer.Sent, error), error) { panic("oh") })
	})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("Send does not panic")
			}
		}()
		_, _ = p.Send(t.Context(), producer.Message{Body: "b"})
	}()
	if n := len(s.named("create orders")); n != 1 {
		t.Errorf("%d create spans have ended, want 1", n)
	}
}

// Tracing, SNS and Decompress may be used by many handlers at once.
func TestOpenersConcurrently(t *testing.T) {
	t.Parallel()
	s := newSpans()
	h := worker.Chain(middleware.SNS(func(o *middleware.SNSOptions) { o.Raw = true }), middleware.Decompress(), s.tracing().Handler)(
		worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
			if want := strings.Repeat(m.ID, 2000); m.Body != want {
				return fmt.Errorf("body of %d bytes", len(m.Body))
			}
			return nil
		}))
	c := middleware.Compress()
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			id := fmt.Sprint(i % 10)
			m := producer.Message{Body: strings.Repeat(id, 2000)}
			if _, err := c(t.Context(), &m); err != nil {
				t.Error(err)
			}
			if err := h.Handle(t.Context(), &worker.Message{Queue: "q" + id, ID: id, Body: m.Body, Attributes: m.Attributes}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
