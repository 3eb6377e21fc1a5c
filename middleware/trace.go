package middleware

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/quayside-go/quayside/worker"
)

// scope is the name of the instrumentation.
const scope = "github.com/quayside-go/quayside/middleware"

// TraceOptions are what Trace's functions may change.
type TraceOptions struct {
	// Provider makes the tracer. Default: the global one.
	Provider trace.TracerProvider

	// Propagator writes the trace's context into message attributes and reads it there.
	// Default: propagation.TraceContext, of W3C, which takes the attribute "traceparent"
	// and, where there is a trace state, "tracestate", whatever the global one is. Others,
	// such as propagation.Baggage, take attributes too. A message has room for ten.
	Propagator propagation.TextMapPropagator

	// Parent makes a message's process span the child of the span that created it, one
	// trace from end to end. By default the two are linked, as the conventions have it,
	// and the process span is a child of the span in Run's context, if there is one.
	Parent bool
}

// Tracing makes OpenTelemetry spans by the messaging conventions, with the system
// aws_sqs. It is made by [Trace]. For a message of the queue orders:
//
//	create orders   PRODUCER, the caller's Send until it is answered (Send, Producer);
//	                the message carries its context
//	send orders     CLIENT, a request, linked to the creation of its messages (Producer)
//	receive orders  CLIENT, a request that brought messages or failed, linked likewise (Worker)
//	process orders  CONSUMER, the handler, linked to the creation or its child (Handler)
//	ack orders      CLIENT, a request to delete, linked likewise (Worker)
//	nack orders     CLIENT, one that gives messages back (Worker)
//	extend orders   CLIENT, one that extends visibility timeouts (Worker)
//	send orders-dlq CLIENT, a copy that the worker sends to the dead-letter queue (Worker)
//
// A context travels as the attribute traceparent and, in the X-Ray form, as the system
// attribute AWSTraceHeader, which takes none of the room for attributes; it is read from
// the first, or else from the second. A message whose sender has set the message
// attribute itself is sent as it is, without a create span; a TraceHeader of the sender's
// is kept, and prevents nothing.
//
// A message that was created outside of any trace has its ack and nack linked to its
// process span. What a drain gives back while its handler runs has no link, and neither has
// the receive of a message whose context is within its body, as [SNS] finds it.
type Tracing struct {
	tracer trace.Tracer
	opts   TraceOptions
	queues destinations
}

// Trace makes a Tracing.
func Trace(opts ...func(*TraceOptions)) *Tracing {
	t := &Tracing{}
	for _, f := range opts {
		if f != nil {
			f(&t.opts)
		}
	}
	if t.opts.Provider == nil {
		t.opts.Provider = otel.GetTracerProvider()
	}
	if t.opts.Propagator == nil {
		t.opts.Propagator = propagation.TraceContext{}
	}
	t.tracer = t.opts.Provider.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL))
	return t
}

// traceKey is under which a message keeps the span context that its settlement is to be
// linked to.
type traceKey struct{}

// Handler is a worker.Middleware that makes a span of each call of next, and gives next
// a context in that span. Its attribute quayside.attempts is the message's Attempts, those
// that Retry makes in process included, and quayside.outcome what next's error asks for.
// Errors, but for Snooze and for handlers that a drain has ended, make it a span with an
// error. A panic is one too, and goes on.
func (t *Tracing) Handler(next worker.Handler) worker.Handler {
	return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) (err error) {
		first := m.Attempts
		ctx, span := t.process(ctx, m)
		returned := false
		defer func() {
			if !returned {
				conclude(span, worker.Failed, errPanicked)
			}
			span.End()
		}()
		err = next.Handle(ctx, m)
		returned = true
		if m.Attempts != first { // Retry has made more of them
			span.SetAttributes(attribute.Int("quayside.attempts", m.Attempts))
		}
		if span.IsRecording() {
			conclude(span, worker.OutcomeOf(ctx, err), err)
		}
		return err
	})
}

var errPanicked = errors.New("the handler panicked, or ended its goroutine")

var asConsumer = trace.WithSpanKind(trace.SpanKindConsumer)

// process starts the span of m's handler.
func (t *Tracing) process(ctx context.Context, m *worker.Message) (context.Context, trace.Span) {
	ctx, created := extract(ctx, t.opts.Propagator, m.Attributes, header(m))
	d := t.queues.of(m.Queue, m.QueueURL())
	opts := append(make([]trace.SpanStartOption, 0, 4), asConsumer, d.process,
		trace.WithAttributes(semconv.MessagingMessageID(m.ID), attribute.Int("quayside.attempts", m.Attempts)))
	switch {
	case !created.IsValid():
	case t.opts.Parent:
		ctx = trace.ContextWithRemoteSpanContext(ctx, created)
	default:
		opts = append(opts, trace.WithLinks(trace.Link{SpanContext: created}))
	}
	ctx, span := t.tracer.Start(ctx, d.processName, opts...)
	if !created.IsValid() {
		created = span.SpanContext()
	}
	if created.IsValid() {
		m.SetValue(traceKey{}, created)
	}
	return ctx, span
}

// conclude notes what became of the handler.
func conclude(span trace.Span, o worker.Outcome, err error) {
	span.SetAttributes(attribute.String("quayside.outcome", string(o)))
	if err != nil && o != worker.Snoozed && o != worker.Released {
		fail(span, err)
	}
}

// fail makes span one with an error.
func fail(span trace.Span, err error) {
	span.SetStatus(codes.Error, err.Error())
	span.SetAttributes(semconv.ErrorTypeKey.String(errorType(err)))
}

func header(m *worker.Message) string { return m.SDK().Attributes["AWSTraceHeader"] }
