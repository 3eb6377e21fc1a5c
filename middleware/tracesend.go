package middleware

import (
	"context"
	"maps"
	"slices"

	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/quayside-go/quayside/producer"
)

// Producer is an option for producer.New: it adds Send to Options.Middleware, and a span
// of each request to send by Options.Hook, beside a hook that is there.
func (t *Tracing) Producer(o *producer.Options) {
	o.Middleware = append(o.Middleware, t.Send)
	o.Hook = then(o.Hook, t.sent)
}

// Send is a producer.Middleware that makes a span of each message, from the call of
// producer.Send until it returns, and has the message carry the context of that span. It
// is all that tracing through a queue needs; [Tracing.Producer] shows the requests too.
func (t *Tracing) Send(ctx context.Context, m *producer.Message) (func(producer.Sent, error), error) {
	for _, name := range t.opts.Propagator.Fields() {
		if _, own := m.Attributes[name]; own {
			return nil, nil
		}
	}
	ctx, span := t.tracer.Start(ctx, "create "+m.Queue(), trace.WithSpanKind(trace.SpanKindProducer),
		trace.WithAttributes(append(t.queues.of(m.Queue(), "").attributes,
			semconv.MessagingOperationName("create"), semconv.MessagingOperationTypeCreate)...))
	t.inject(ctx, m)
	if c := span.SpanContext(); c.IsValid() && m.TraceHeader == "" {
		m.TraceHeader = formatHeader(c)
	}
	return func(s producer.Sent, err error) {
		if err != nil {
			fail(span, err)
		} else {
			span.SetAttributes(semconv.MessagingMessageID(s.ID))
		}
		span.End()
	}, nil
}

// inject writes the trace's context into the attributes of m, as long as there is room.
// Of W3C's two, traceparent goes first: without it the other says nothing.
func (t *Tracing) inject(ctx context.Context, m *producer.Message) {
	c := propagation.MapCarrier{}
	t.opts.Propagator.Inject(ctx, c)
	if parent, there := c[traceparent]; there && !m.SetAttribute(traceparent, parent) {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(c)) {
		m.SetAttribute(name, c[name])
	}
}

const traceparent = "traceparent"

// sent makes a span of a request that sent messages.
func (t *Tracing) sent(ctx context.Context, e producer.Event) {
	if e.Action != "SendMessageBatch" {
		return
	}
	links := make([]trace.Link, 0, len(e.Messages))
	for _, m := range e.Messages {
		if _, c := extract(ctx, t.opts.Propagator, m.Attributes, m.TraceHeader); c.IsValid() {
			links = append(links, trace.Link{SpanContext: c})
		}
	}
	t.request(ctx, request{
		operation: send, queue: e.Queue, url: e.URL, id: e.RequestID, batch: len(e.Messages),
		links: links, start: e.Start, duration: e.Duration, err: e.Err, refused: e.Refused,
	})
}
