package middleware

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// MetricsOptions are what Metrics' functions may change.
type MetricsOptions struct {
	// Provider makes the meter. Default: the global one.
	Provider metric.MeterProvider

	// Prices are what requests cost. With 0 the cost is not recorded. Default:
	// worker.USEast1.
	Prices worker.Prices
}

// Metering records OpenTelemetry metrics of workers and producers: by the messaging
// conventions, with the system aws_sqs, and, from quayside on, its own. It is made by
// [Metrics], and one does for all workers and producers of a process.
//
//	messaging.client.operation.duration  s, of requests: receive, ack (deletes), nack (give
//	                                     messages back), extend (visibility timeouts), send
//	messaging.client.consumed.messages   received, once per delivery
//	messaging.client.sent.messages       tried to send, also the worker's copies to a
//	                                     dead-letter queue; with error.type if not taken
//	messaging.process.duration           s, of handlers
//	quayside.worker.outcomes             handlers that returned, by quayside.outcome
//	quayside.worker.events               by quayside.event: skipped, released, lease_lost,
//	                                     abandoned, unsettled
//	quayside.sqs.requests                by quayside.sqs.action, all that SQS bills
//	quayside.sqs.cost                    in dollars, or whatever MetricsOptions.Prices is in
//	quayside.worker.running              handlers that run now
//	quayside.worker.waiting              messages at hand whose handlers have not started
//	quayside.worker.leases               messages whose visibility timeouts are looked after
//	quayside.worker.undeleted            messages that are done and not known to be deleted
//	quayside.worker.pollers              as many long polls may be under way
//
// All have the queue as messaging.destination.name, and server.address and server.port
// where the queue's URL is known. Durations have the buckets that the conventions advise,
// 5 ms to 10 s.
//
// A long poll that finds nothing is a receive like any other, as the conventions have it:
// on an idle queue most take 20 s, and are above the last bucket. The one that a drain cuts
// short is no error. Requests to find a queue or read its settings are among the requests
// and have no operation.duration. What the SDK repeats inside a producer's request is not
// seen, and neither is that SQS bills one of more than 64 KB as several.
//
// The error.type of requests is SQS's code, such as RequestThrottled, or timeout or
// canceled, or the Go type of what the SDK has met; that of handlers (failed, discarded or
// dead-lettered; not snoozed or released) is found likewise, or panic, or what a method
// ErrorType() string of the error returns. It is _OTHER for what is made by errors.New.
//
// The last five are added up from the Stats of all workers of a queue that are receiving
// or draining. They are sums that go up and down: those of several processes can be added.
type Metering struct {
	instruments
	prices worker.Prices

	operations seriesCache // by operation, for durations
	messages   seriesCache // by operation, for counters: these have no operation.type
	actions    seriesCache
	costs      seriesCache // by action, without errors
	ends       seriesCache // by outcome
	others     seriesCache // by event
	gauges     gauges
}

// Metrics makes a Metering. It returns an error if a price is negative, or if the provider
// refuses an instrument.
func Metrics(opts ...func(*MetricsOptions)) (*Metering, error) {
	o := MetricsOptions{Prices: worker.USEast1}
	for _, f := range opts {
		if f != nil {
			f(&o)
		}
	}
	if !(o.Prices.Standard >= 0 && o.Prices.FIFO >= 0) { // NaN neither
		return nil, fmt.Errorf("middleware: MetricsOptions.Prices is %+v, want 0 or more", o.Prices)
	}
	if o.Provider == nil {
		o.Provider = otel.GetMeterProvider()
	}
	meter := o.Provider.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL))
	m := &Metering{prices: o.Prices}
	var err error
	if m.instruments, err = newInstruments(meter); err == nil {
		err = m.gauges.register(meter)
	}
	if err != nil {
		return nil, fmt.Errorf("middleware: metrics: %w", err)
	}
	return m, nil
}

// Worker is an option for worker.New: it records what the worker does, by Options.Hook,
// beside a hook that is there.
func (m *Metering) Worker(o *worker.Options) { o.Hook = then(o.Hook, m.event) }

// Producer is an option for producer.New: it records what the producer does, by
// Options.Hook, beside a hook that is there.
func (m *Metering) Producer(o *producer.Options) { o.Hook = then(o.Hook, m.produced) }

// billed counts a request, and what it costs.
func (m *Metering) billed(ctx context.Context, queue, url, action, errType string) {
	own := actionKey.String(action)
	m.requests.Add(ctx, 1, m.actions.of(seriesKey{queue, url, action, errType}, own).add...)
	if price := m.price(queue); price > 0 {
		m.cost.Add(ctx, price/1e6, m.costs.of(seriesKey{queue, url, action, ""}, own).add...)
	}
}

// operated records how long a request took that did op.
func (m *Metering) operated(ctx context.Context, op operation, queue, url, errType string, seconds float64) {
	s := m.operations.of(seriesKey{queue, url, op.name, errType}, semconv.MessagingOperationName(op.name), op.kind)
	m.operation.Float64Histogram.Record(ctx, seconds, s.record...)
}

// counted returns with what to count the messages that op was about.
func (m *Metering) counted(op operation, queue, url, errType string) []metric.AddOption {
	return m.messages.of(seriesKey{queue, url, op.name, errType}, semconv.MessagingOperationName(op.name)).add
}
