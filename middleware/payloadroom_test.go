package middleware_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
)

// Pointer and traceparent both want the tenth attribute. In the documented order the
// pointer gets it, and the trace travels in the header: what can be sent without tracing
// can be sent with it.
func TestPayloadBeforeTrace(t *testing.T) {
	t.Parallel()
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("orders")
	nine := stringAttributes()
	for i := range 9 {
		nine[fmt.Sprint("a", i)] = text("v")
	}
	s, spans := holding(make(map[string]string)), newSpans()
	p := producer.New(q, "orders", func(o *producer.Options) {
		o.Middleware = append(o.Middleware, payload.Offload(s))
	}, spans.tracing().Producer)
	if _, err := p.Send(t.Context(), producer.Message{Body: strings.Repeat("x", 300<<10), Attributes: nine}); err != nil {
		t.Fatal(err)
	}
	got := receiveOne(t, q, "orders")
	if _, there := got.MessageAttributes["ExtendedPayloadSize"]; !there || len(got.MessageAttributes) != 10 || got.Attributes["AWSTraceHeader"] == "" {
		t.Errorf("received %d attributes, and the header %q", len(got.MessageAttributes), got.Attributes["AWSTraceHeader"])
	}
}
