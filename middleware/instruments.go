package middleware

import (
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/semconv/v1.43.0/messagingconv"
)

// buckets are what the conventions advise for durations, in seconds.
var buckets = metric.WithExplicitBucketBoundaries(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)

// The attributes that the conventions have no name for.
const (
	actionKey  = attribute.Key("quayside.sqs.action")
	outcomeKey = attribute.Key("quayside.outcome")
	eventKey   = attribute.Key("quayside.event")
)

// instruments are what a Metering records by itself; see gauges for the others.
type instruments struct {
	operation messagingconv.ClientOperationDuration
	sent      messagingconv.ClientSentMessages
	consumed  messagingconv.ClientConsumedMessages
	process   messagingconv.ProcessDuration
	outcomes  metric.Int64Counter
	events    metric.Int64Counter
	requests  metric.Int64Counter
	cost      metric.Float64Counter
}

func newInstruments(m metric.Meter) (in instruments, err error) {
	errs := make([]error, 8)
	in.operation, errs[0] = messagingconv.NewClientOperationDuration(m, buckets)
	in.sent, errs[1] = messagingconv.NewClientSentMessages(m)
	in.consumed, errs[2] = messagingconv.NewClientConsumedMessages(m)
	in.process, errs[3] = messagingconv.NewProcessDuration(m, buckets)
	in.outcomes, errs[4] = m.Int64Counter("quayside.worker.outcomes", metric.WithUnit("{message}"),
		metric.WithDescription("Handlers that have returned, by what becomes of the message."))
	in.events, errs[5] = m.Int64Counter("quayside.worker.events", metric.WithUnit("{event}"),
		metric.WithDescription("What happened to messages outside their handlers."))
	in.requests, errs[6] = m.Int64Counter("quayside.sqs.requests", metric.WithUnit("{request}"),
		metric.WithDescription("Requests to SQS."))
	in.cost, errs[7] = m.Float64Counter("quayside.sqs.cost", metric.WithUnit("{USD}"),
		metric.WithDescription("What the requests to SQS cost."))
	return in, errors.Join(errs...)
}
