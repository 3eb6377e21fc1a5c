package middleware

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/quayside-go/quayside/worker"
)

// Worker is an option for worker.New: it makes spans of the requests that receive,
// delete and give back messages, by Options.Hook, beside a hook that is there. A receive
// that brought nothing has none.
func (t *Tracing) Worker(o *worker.Options) { o.Hook = then(o.Hook, t.requested) }

// operation is what the conventions call what a request does. Extending a visibility
// timeout settles nothing: it has no type.
type operation struct {
	name string
	kind attribute.KeyValue
}

var (
	send    = operation{"send", semconv.MessagingOperationTypeSend}
	receive = operation{"receive", semconv.MessagingOperationTypeReceive}
	ack     = operation{"ack", semconv.MessagingOperationTypeSettle}
	nack    = operation{"nack", semconv.MessagingOperationTypeSettle}
	extend  = operation{name: "extend"}
)

// operationOf returns what a worker's request does; false if it is about no messages.
func operationOf(e worker.Event) (operation, bool) {
	switch {
	case e.Kind != worker.EventRequest:
		return operation{}, false
	case e.Action == "ReceiveMessage":
		return receive, true
	case e.Action == "DeleteMessageBatch":
		return ack, true
	case e.Extends:
		return extend, true
	case e.Action == "ChangeMessageVisibilityBatch":
		return nack, true
	case e.Action == "SendMessage":
		return send, true
	}
	return operation{}, false
}

// requested makes a span of a worker's request.
func (t *Tracing) requested(ctx context.Context, e worker.Event) {
	op, ok := operationOf(e)
	if errors.Is(e.Err, worker.ErrDraining) {
		e.Err = nil // a long poll that was not waited for
	}
	if !ok || op == receive && len(e.Messages) == 0 && e.Err == nil {
		return
	}
	r := request{
		operation: op, queue: e.Queue, url: e.URL, id: e.RequestID, batch: len(e.Messages),
		links: make([]trace.Link, 0, len(e.Messages)), start: e.Start, duration: e.Duration,
		err: e.Err, refused: e.Refused,
	}
	for _, m := range e.Messages {
		if c := t.origin(ctx, m); c.IsValid() {
			r.links = append(r.links, trace.Link{
				SpanContext: c, Attributes: []attribute.KeyValue{semconv.MessagingMessageID(m.ID)},
			})
		}
	}
	if e.Action == "SendMessage" {
		r.batch = 0
	}
	t.request(ctx, r)
}

// origin returns the span context that the request about m is to be linked to.
func (t *Tracing) origin(ctx context.Context, m *worker.Message) trace.SpanContext {
	if c, ok := m.Value(traceKey{}).(trace.SpanContext); ok {
		return c
	}
	_, c := extract(ctx, t.opts.Propagator, m.Attributes, header(m))
	return c
}

// request is one to SQS that is over.
type request struct {
	operation
	queue, url, id string
	batch          int // messages; 0: it is not a batch
	links          []trace.Link
	start          time.Time
	duration       time.Duration
	err            error   // of all of it
	refused        []error // of its messages, nil for those that were taken
}

// request makes the span of r.
func (t *Tracing) request(ctx context.Context, r request) {
	as := append(t.queues.of(r.queue, r.url).attributes, semconv.MessagingOperationName(r.name))
	if r.kind.Valid() {
		as = append(as, r.kind)
	}
	if r.url != "" {
		as = append(as, semconv.AWSSQSQueueURL(r.url))
	}
	if r.batch > 0 {
		as = append(as, semconv.MessagingBatchMessageCount(r.batch))
	}
	if r.id != "" {
		as = append(as, semconv.AWSRequestID(r.id))
	}
	_, span := t.tracer.Start(ctx, r.name+" "+r.queue, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(as...), trace.WithLinks(r.links...), trace.WithTimestamp(r.start))
	if err := r.failure(); err != nil {
		fail(span, err)
	}
	span.End(trace.WithTimestamp(r.start.Add(r.duration)))
}

// failure returns what went wrong, with all of the request or with some of its messages.
func (r request) failure() error {
	if r.err != nil {
		return r.err
	}
	n, first := 0, error(nil)
	for _, err := range r.refused {
		if err != nil {
			if n++; first == nil {
				first = err
			}
		}
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d messages were refused, the first of them: %w", n, len(r.refused), first)
}
