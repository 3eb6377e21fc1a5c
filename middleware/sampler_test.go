package middleware_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// samples notes what a sampler is told of spans when they start.
type samples struct {
	mu   sync.Mutex
	told map[string]map[string]string
}

func (s *samples) Description() string { return "samples" }

func (s *samples) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told[p.Name] = texts(p.Attributes)
	return sdktrace.SamplingResult{Decision: sdktrace.RecordAndSample}
}

// What samplers may decide by is there when a span starts.
func TestTraceAttributesAtStart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("orders -> orders-dlq")
		s := &samples{told: make(map[string]map[string]string)}
		tr := middleware.Trace(func(o *middleware.TraceOptions) { o.Provider = sdktrace.NewTracerProvider(sdktrace.WithSampler(s)) })
		handleOnce(t, q, tr, func(context.Context, *worker.Message) error { return worker.DeadLetter(nil) }, 500*time.Millisecond)
		general := []string{"messaging.system", "messaging.operation.name", "messaging.operation.type", "messaging.destination.name"}
		where := append(slices.Clone(general), "server.address", "server.port", "aws.sqs.queue.url")
		for span, names := range map[string][]string{
			"create orders": general, "send orders": where, "receive orders": where, "process orders": where, "ack orders": where, "send orders-dlq": where,
		} {
			for _, name := range names {
				if s.told[span][name] == "" {
					t.Errorf("when the span %q starts it has no %s: %v", span, name, s.told[span])
				}
			}
		}
	})
}
