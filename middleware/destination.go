package middleware

import (
	"net/url"
	"slices"
	"strconv"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// destinations keeps what is told of queues, by queue. A process has few.
type destinations struct {
	known sync.Map // of address to *destination
}

// address is a queue, and how it is reached: url may be "".
type address struct{ queue, url string }

// destination is what is told of a queue.
type destination struct {
	attributes  []attribute.KeyValue // system, name and server; may be appended to
	process     trace.SpanStartOption
	processName string
}

func (d *destinations) of(queue, url string) *destination {
	key := address{queue, url}
	if known, ok := d.known.Load(key); ok {
		return known.(*destination)
	}
	as := slices.Clip(queueAttributes(queue, url))
	process := append(as, semconv.MessagingOperationName("process"), semconv.MessagingOperationTypeProcess)
	if url != "" {
		process = append(process, semconv.AWSSQSQueueURL(url))
	}
	known, _ := d.known.LoadOrStore(key, &destination{as, trace.WithAttributes(process...), "process " + queue})
	return known.(*destination)
}

// queueAttributes returns what the conventions say of a queue.
func queueAttributes(queue, url string) []attribute.KeyValue {
	as := []attribute.KeyValue{semconv.MessagingSystemAWSSQS, semconv.MessagingDestinationName(queue)}
	return append(as, server(url)...)
}

// server returns the attributes of the server in a queue's URL.
func server(queue string) []attribute.KeyValue {
	u, err := url.Parse(queue)
	if err != nil || u.Hostname() == "" {
		return nil
	}
	as := []attribute.KeyValue{semconv.ServerAddress(u.Hostname())}
	port, err := strconv.Atoi(u.Port())
	switch {
	case err == nil:
	case u.Scheme == "http":
		port = 80
	default:
		port = 443
	}
	return append(as, semconv.ServerPort(port))
}
