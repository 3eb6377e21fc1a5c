package middleware

import (
	"context"
	"errors"
	"strings"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/quayside-go/quayside/internal/attr"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

var process = operation{"process", semconv.MessagingOperationTypeProcess}

// price returns what a million requests to a queue cost.
func (m *Metering) price(queue string) float64 {
	if attr.IsFIFO(queue) {
		return m.prices.FIFO
	}
	return m.prices.Standard
}

// event records a worker's event.
func (m *Metering) event(ctx context.Context, e worker.Event) {
	switch e.Kind {
	case worker.EventRequest:
		m.requested(ctx, e)
	case worker.EventHandled:
		m.handled(ctx, e)
	case worker.EventPollers: // the first is about the first poller, and EventStopped is to come
		m.gauges.add(e.Worker, address{e.Queue, e.URL})
	case worker.EventStopped:
		m.gauges.remove(e.Worker)
	case worker.EventSkipped, worker.EventReleased, worker.EventLeaseLost, worker.EventAbandoned, worker.EventUnsettled:
		kind := strings.ReplaceAll(string(e.Kind), " ", "_")
		m.events.Add(ctx, 1, m.others.of(seriesKey{e.Queue, e.URL, kind, ""}, eventKey.String(kind)).add...)
	}
}

// requested records a worker's request.
func (m *Metering) requested(ctx context.Context, e worker.Event) {
	errType := ""
	if e.Err != nil && !errors.Is(e.Err, worker.ErrDraining) { // a long poll that was not waited for
		errType = errorType(e.Err)
	}
	m.billed(ctx, e.Queue, e.URL, e.Action, errType)
	op, ok := operationOf(e)
	if !ok {
		return
	}
	m.operated(ctx, op, e.Queue, e.URL, errType, e.Duration.Seconds())
	switch op.name {
	case receive.name:
		if n := len(e.Messages); n > 0 {
			m.consumed.Int64Counter.Add(ctx, int64(n), m.counted(op, e.Queue, e.URL, errType)...)
		}
	case send.name:
		m.sent.Int64Counter.Add(ctx, int64(len(e.Messages)), m.counted(op, e.Queue, e.URL, errType)...)
	}
}

// handled records the return of a handler.
func (m *Metering) handled(ctx context.Context, e worker.Event) {
	errType := ""
	if e.Err != nil && e.Outcome != worker.Snoozed && e.Outcome != worker.Released {
		errType = errorType(e.Err)
	}
	s := m.operations.of(seriesKey{e.Queue, e.URL, process.name, errType}, semconv.MessagingOperationName(process.name), process.kind)
	m.process.Float64Histogram.Record(ctx, e.Duration.Seconds(), s.record...)
	o := string(e.Outcome)
	m.outcomes.Add(ctx, 1, m.ends.of(seriesKey{e.Queue, e.URL, o, ""}, outcomeKey.String(o)).add...)
}

// produced records a producer's request. A message that SQS refuses does not make it one
// that failed.
func (m *Metering) produced(ctx context.Context, e producer.Event) {
	errType := errorType(e.Err)
	m.billed(ctx, e.Queue, e.URL, e.Action, errType)
	if e.Action != "SendMessageBatch" {
		return
	}
	m.operated(ctx, send, e.Queue, e.URL, errType, e.Duration.Seconds())
	n := len(e.Messages)
	for _, err := range e.Refused {
		if err != nil {
			n--
			m.sent.Int64Counter.Add(ctx, 1, m.counted(send, e.Queue, e.URL, errorType(err))...)
		}
	}
	if n > 0 {
		m.sent.Int64Counter.Add(ctx, int64(n), m.counted(send, e.Queue, e.URL, errType)...)
	}
}
