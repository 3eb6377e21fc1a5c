package middleware_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/sqshttp"
	"github.com/quayside-go/quayside/worker"
)

const traceID, spanID = "5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8"

// created returns the span context that the process span of m is linked to.
func created(t *testing.T, m *worker.Message) trace.SpanContext {
	t.Helper()
	s := newSpans()
	h := worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil })
	if err := s.tracing().Handler(h).Handle(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if links := s.one(t, "process "+m.Queue).Links(); len(links) == 1 {
		return links[0].SpanContext
	}
	return trace.SpanContext{}
}

// stringAttributes makes message attributes of type String.
func stringAttributes(pairs ...string) map[string]types.MessageAttributeValue {
	as := make(map[string]types.MessageAttributeValue)
	for i := 0; i < len(pairs); i += 2 {
		as[pairs[i]] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &pairs[i+1]}
	}
	return as
}

func TestTraceparent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		traceparent string
		valid       bool
	}{
		{"00-" + traceID + "-" + spanID + "-01", true},
		{"00-" + traceID + "-" + spanID + "-00", true},
		{"00-" + traceID + "-0000000000000000-01", false},
		{"00-" + traceID, false},
		{"", false},
	} {
		c := created(t, &worker.Message{Queue: "q", Attributes: stringAttributes("traceparent", test.traceparent)})
		if c.IsValid() != test.valid || test.valid && (c.TraceID().String() != traceID || c.SpanID().String() != spanID) {
			t.Errorf("%q: linked to %v %v", test.traceparent, c.TraceID(), c.SpanID())
		}
	}
}

// The X-Ray header counts where there is no traceparent. It comes from elsewhere, in any
// order, with fields that nobody announced.
func TestTraceHeader(t *testing.T) {
	t.Parallel()
	const root, other = "Root=1-5759e988-bd862e3fe1be46a994272793", "11111111111111111111111111111111"
	for _, test := range []struct {
		header, traceparent string
		trace               string // "": none
		sampled             bool
	}{
		{root + ";Parent=" + spanID + ";Sampled=1", "", traceID, true},
		{"Sampled=0;Lineage=a:1|b:2; Parent=" + spanID + " ;Self=1-2;" + root, "", traceID, false},
		{root + ";Parent=" + spanID, "", traceID, false},
		{root + ";Sampled=1", "", "", false},
		{"Root=1-5759e98-8bd862e3fe1be46a994272793;Parent=" + spanID, "", "", false},
		{"Root=2-5759e988-bd862e3fe1be46a994272793;Parent=" + spanID, "", "", false},
		{"Root=1-xxxxxxxx-bd862e3fe1be46a994272793;Parent=" + spanID, "", "", false},
		{";;=;Root", "", "", false},
		{root + ";Parent=" + spanID, "00-" + other + "-" + spanID + "-01", other, true},
		{root + ";Parent=" + spanID, "00-nonsense", traceID, false},
	} {
		t.Run(test.header, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := localqueue.New()
				defer q.Close()
				q.MustCreate("orders")
				m := producer.Message{Body: "b", TraceHeader: test.header}
				if test.traceparent != "" {
					m.Attributes = stringAttributes("traceparent", test.traceparent)
				}
				if _, err := producer.New(q, "orders").Send(t.Context(), m); err != nil {
					t.Fatal(err)
				}
				s := newSpans()
				tr := s.tracing()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				h := worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil })
				if err := worker.New(q, "orders", tr.Handler(h), tr.Worker).Run(ctx); err != nil {
					t.Fatal(err)
				}
				links := s.one(t, "process orders").Links()
				switch {
				case test.trace == "" && len(links) == 0:
				case test.trace == "" || len(links) != 1:
					t.Errorf("the process span has %d links", len(links))
				case links[0].SpanContext.TraceID().String() != test.trace || links[0].SpanContext.SpanID().String() != spanID ||
					links[0].SpanContext.IsSampled() != test.sampled:
					t.Errorf("the process span is linked to %+v", links[0].SpanContext)
				}
			})
		})
	}
}

// Both forms travel, the X-Ray one alone if there is no room for an attribute, and none
// of ours if the sender has set its own.
func TestTraceInjection(t *testing.T) {
	t.Parallel()
	full := stringAttributes()
	for i := range 10 {
		full[fmt.Sprint("a", i)] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String("v")}
	}
	const own = "00-" + traceID + "-" + spanID + "-01"
	for _, test := range []struct {
		name        string
		attributes  map[string]types.MessageAttributeValue
		header      string
		creates     int
		traceparent string // "*": that of the create span
		wantHeader  string
	}{
		{"both", nil, "", 1, "*", "*"},
		{"no room", full, "", 1, "", "*"},
		{"a header of its own", nil, "Root=1-2", 1, "*", "Root=1-2"},
		{"a context of its own", stringAttributes("traceparent", own), "", 0, own, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := localqueue.New()
				defer q.Close()
				q.MustCreate("orders")
				s := newSpans()
				p := producer.New(q, "orders", s.tracing().Producer)
				if _, err := p.Send(t.Context(), producer.Message{Body: "b", Attributes: test.attributes, TraceHeader: test.header}); err != nil {
					t.Fatal(err)
				}
				creates := s.named("create orders")
				if len(creates) != test.creates {
					t.Fatalf("there are %d create spans, want %d", len(creates), test.creates)
				}
				wantTraceparent, wantHeader := test.traceparent, test.wantHeader
				if len(creates) > 0 {
					c := creates[0].SpanContext()
					trace, span := c.TraceID().String(), c.SpanID().String()
					if wantTraceparent == "*" {
						wantTraceparent = "00-" + trace + "-" + span + "-01"
					}
					if wantHeader == "*" {
						wantHeader = "Root=1-" + trace[:8] + "-" + trace[8:] + ";Parent=" + span + ";Sampled=1"
					}
				}
				m := receiveOne(t, q, "orders")
				if got := aws.ToString(m.MessageAttributes["traceparent"].StringValue); got != wantTraceparent {
					t.Errorf("traceparent is %q, want %q", got, wantTraceparent)
				}
				if got := m.Attributes["AWSTraceHeader"]; got != wantHeader {
					t.Errorf("AWSTraceHeader is %q, want %q", got, wantHeader)
				}
				links := s.one(t, "send orders").Links()
				if len(links) != 1 {
					t.Errorf("the send span has the links %v, want one", links)
				}
			})
		})
	}
}

// receiveOne takes a message out of a queue.
func receiveOne(t *testing.T, c *localqueue.Server, queue string) types.Message {
	t.Helper()
	url, err := c.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: url.QueueUrl, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil || len(out.Messages) != 1 {
		t.Fatalf("received %v, %v, want one message", out, err)
	}
	return out.Messages[0]
}

// Over HTTP, by the SDK's client, through two workers: one trace, and its baggage.
func TestTraceTwoHops(t *testing.T) {
	t.Parallel()
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("orders", "parcels")
	server := httptest.NewServer(q)
	defer server.Close()
	client := sqs.New(sqs.Options{
		BaseEndpoint: &server.URL, Region: "eu-west-1", HTTPClient: sqshttp.New(), Credentials: aws.AnonymousCredentials{},
	})
	for _, parent := range []bool{false, true} {
		s := newSpans()
		tr := s.tracing(func(o *middleware.TraceOptions) {
			o.Parent = parent
			o.Propagator = propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		parcels := producer.New(client, "parcels", tr.Producer)
		pack := worker.HandlerFunc(func(ctx context.Context, _ *worker.Message) error {
			_, err := parcels.Send(ctx, producer.Message{Body: "p"})
			return err
		})
		tenant := make(chan string, 1)
		deliver := worker.HandlerFunc(func(ctx context.Context, _ *worker.Message) error {
			tenant <- baggage.FromContext(ctx).Member("tenant").Value()
			cancel()
			return nil
		})
		ended := make(chan error)
		go func() { ended <- worker.New(client, "orders", tr.Handler(pack), tr.Worker).Run(ctx) }()
		go func() { ended <- worker.New(client, "parcels", tr.Handler(deliver), tr.Worker).Run(ctx) }()

		member, _ := baggage.NewMember("tenant", "blue")
		bag, _ := baggage.New(member)
		orders := producer.New(client, "orders", tr.Producer)
		if _, err := orders.Send(baggage.ContextWithBaggage(t.Context(), bag), producer.Message{Body: "o"}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		select {
		case got := <-tenant:
			if got != "blue" {
				t.Errorf("the baggage at the end holds the tenant %q, want blue", got)
			}
		default:
			t.Fatal("the parcel was not delivered in a minute")
		}
		hops := []sdktrace.ReadOnlySpan{
			s.one(t, "create orders"), s.one(t, "process orders"), s.one(t, "create parcels"), s.one(t, "process parcels"),
		}
		for i, hop := range hops[1:] {
			before := hops[i]
			crossing := i%2 == 0 // from a create span to a process span
			switch {
			case crossing && !parent:
				if !linked(hop, before) || hop.SpanContext().TraceID() == before.SpanContext().TraceID() {
					t.Errorf("%q is not linked to %q, in a trace of its own", hop.Name(), before.Name())
				}
			case hop.Parent().SpanID() != before.SpanContext().SpanID() || hop.SpanContext().TraceID() != before.SpanContext().TraceID():
				t.Errorf("%q is no child of %q", hop.Name(), before.Name())
			}
		}
		cancel()
	}
}

// Without an SDK the context of the caller goes through unchanged.
func TestTracePassesThrough(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("orders")
		tr := middleware.Trace(func(o *middleware.TraceOptions) { o.Provider = noop.NewTracerProvider() })
		s := newSpans()
		ctx, span := s.provider.Tracer("test").Start(t.Context(), "caller")
		if _, err := producer.New(q, "orders", tr.Producer).Send(ctx, producer.Message{Body: "b"}); err != nil {
			t.Fatal(err)
		}
		got := aws.ToString(receiveOne(t, q, "orders").MessageAttributes["traceparent"].StringValue)
		want := fmt.Sprintf("00-%v-%v-01", span.SpanContext().TraceID(), span.SpanContext().SpanID())
		if got != want {
			t.Errorf("traceparent is %q, want the caller's, %q", got, want)
		}
	})
}
