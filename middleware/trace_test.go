package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// spans records the spans of a Tracing.
type spans struct {
	*tracetest.SpanRecorder
	provider *sdktrace.TracerProvider
}

func newSpans() spans {
	r := tracetest.NewSpanRecorder()
	return spans{r, sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(r))}
}

// tracing returns a Tracing whose spans are recorded.
func (s spans) tracing(opts ...func(*middleware.TraceOptions)) *middleware.Tracing {
	use := func(o *middleware.TraceOptions) { o.Provider = s.provider }
	return middleware.Trace(append(opts, use)...)
}

// named returns the spans of a name, in the order of their ends.
func (s spans) named(name string) (named []sdktrace.ReadOnlySpan) {
	for _, span := range s.Ended() {
		if span.Name() == name {
			named = append(named, span)
		}
	}
	return named
}

// one returns the only span of a name.
func (s spans) one(t *testing.T, name string) sdktrace.ReadOnlySpan {
	t.Helper()
	named := s.named(name)
	if len(named) != 1 {
		t.Fatalf("there are %d spans %q among %v, want one", len(named), name, s.names())
	}
	return named[0]
}

func (s spans) names() (names []string) {
	for _, span := range s.Ended() {
		names = append(names, span.Name())
	}
	return names
}

// texts returns attributes as text, by name.
func texts(as []attribute.KeyValue) map[string]string {
	m := make(map[string]string)
	for _, a := range as {
		m[string(a.Key)] = a.Value.String()
	}
	return m
}

// wantAttributes compares the attributes of a span with those wanted. What is wanted as "*"
// must be there.
func wantAttributes(t *testing.T, span sdktrace.ReadOnlySpan, want map[string]string) {
	t.Helper()
	got := texts(span.Attributes())
	for name, v := range want {
		if v == "*" && got[name] != "" {
			got[name] = v
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("span %q has the attributes\n%v, want\n%v", span.Name(), got, want)
	}
}

// linked reports whether span has one link, to the span wanted.
func linked(span, to sdktrace.ReadOnlySpan) bool {
	links := span.Links()
	return len(links) == 1 && links[0].SpanContext.TraceID() == to.SpanContext().TraceID() &&
		links[0].SpanContext.SpanID() == to.SpanContext().SpanID()
}

// handleOnce sends a message, and has a worker handle it with h for as long as given.
func handleOnce(t *testing.T, q *localqueue.Server, tr *middleware.Tracing, h worker.HandlerFunc, d time.Duration) {
	t.Helper()
	p := producer.New(q, "orders", tr.Producer)
	if _, err := p.Send(t.Context(), producer.Message{Body: "b"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := worker.New(q, "orders", tr.Handler(h), tr.Worker).Run(ctx); err != nil {
		t.Errorf("Run = %v", err)
	}
}

// Of every outcome: the process span's, and what settles the message.
func TestTraceOutcomes(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, test := range []struct {
		name    string
		h       worker.HandlerFunc
		outcome string
		errType string // "": no error
		settles []string
	}{
		{"done", func(context.Context, *worker.Message) error { return nil }, "done", "", []string{"ack orders"}},
		{"failed", func(context.Context, *worker.Message) error { return broken }, "failed", "_OTHER", []string{"nack orders"}},
		{"retry after", func(context.Context, *worker.Message) error { return worker.RetryAfter(time.Hour, broken) }, "failed", "_OTHER", []string{"nack orders"}},
		{"snoozed", func(context.Context, *worker.Message) error { return worker.Snooze(time.Hour) }, "snoozed", "", []string{"nack orders"}},
		{"discarded", func(context.Context, *worker.Message) error { return worker.Discard(broken) }, "discarded", "_OTHER", []string{"ack orders"}},
		{"dead-lettered", func(context.Context, *worker.Message) error { return worker.DeadLetter(broken) }, "dead-lettered", "_OTHER", []string{"send orders-dlq", "ack orders"}},
		{"released", func(ctx context.Context, _ *worker.Message) error { <-ctx.Done(); return ctx.Err() }, "released", "", []string{"nack orders"}},
		{"panicked", func(context.Context, *worker.Message) error { panic("no") }, "failed", "panic", []string{"nack orders"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := localqueue.New()
				defer q.Close()
				q.MustCreate("orders -> orders-dlq")
				s := newSpans()
				handleOnce(t, q, s.tracing(), test.h, 500*time.Millisecond)

				create := s.one(t, "create orders")
				if create.SpanKind() != trace.SpanKindProducer {
					t.Errorf("the create span is a %v", create.SpanKind())
				}
				id := texts(create.Attributes())["messaging.message.id"]
				wantAttributes(t, create, map[string]string{
					"messaging.system": "aws_sqs", "messaging.destination.name": "orders",
					"messaging.operation.name": "create", "messaging.operation.type": "create", "messaging.message.id": id,
				})

				process := s.one(t, "process orders")
				want := map[string]string{
					"messaging.system": "aws_sqs", "messaging.destination.name": "orders",
					"messaging.operation.name": "process", "messaging.operation.type": "process",
					"messaging.message.id": id, "aws.sqs.queue.url": "*", "server.address": "*", "server.port": "*",
					"quayside.attempts": "1", "quayside.outcome": test.outcome,
				}
				status := codes.Unset
				if test.errType != "" {
					want["error.type"], status = test.errType, codes.Error
				}
				wantAttributes(t, process, want)
				if process.SpanKind() != trace.SpanKindConsumer || !linked(process, create) || process.Parent().IsValid() || process.Status().Code != status {
					t.Errorf("the process span is a %v with the links %v, the parent %v and the status %v",
						process.SpanKind(), process.Links(), process.Parent().SpanID(), process.Status())
				}

				receive := s.one(t, "receive orders")
				requests := map[string]sdktrace.ReadOnlySpan{"receive": receive}
				for _, name := range test.settles {
					requests[strings.Fields(name)[0]] = s.one(t, name)
				}
				for op, span := range requests {
					want := map[string]string{
						"messaging.system": "aws_sqs", "messaging.destination.name": strings.Fields(span.Name())[1],
						"messaging.operation.name": op, "messaging.operation.type": map[string]string{"ack": "settle", "nack": "settle"}[op],
						"messaging.batch.message_count": "1", "aws.sqs.queue.url": "*", "server.address": "*", "server.port": "*",
					}
					switch op {
					case "receive":
						want["messaging.operation.type"] = "receive"
					case "send":
						want["messaging.operation.type"] = "send"
						delete(want, "messaging.batch.message_count")
					}
					wantAttributes(t, span, want)
					if span.SpanKind() != trace.SpanKindClient || !linked(span, create) || span.Status().Code != codes.Unset {
						t.Errorf("span %q is a %v with the links %v and the status %v", span.Name(), span.SpanKind(), span.Links(), span.Status())
					}
					if got := texts(span.Links()[0].Attributes)["messaging.message.id"]; got != id {
						t.Errorf("span %q is linked to message %q, want %q", span.Name(), got, id)
					}
				}

				send := s.one(t, "send orders")
				wantAttributes(t, send, map[string]string{
					"messaging.system": "aws_sqs", "messaging.destination.name": "orders",
					"messaging.operation.name": "send", "messaging.operation.type": "send",
					"messaging.batch.message_count": "1", "aws.sqs.queue.url": "*", "server.address": "*", "server.port": "*",
				})
				if send.SpanKind() != trace.SpanKindClient || !linked(send, create) {
					t.Errorf("the send span is a %v with the links %v", send.SpanKind(), send.Links())
				}
			})
		})
	}
}

// A request's span begins and ends with the request, though it is made after it.
func TestTraceTimes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("orders")
		s := newSpans()
		tr := s.tracing()
		began := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		h := worker.HandlerFunc(func(context.Context, *worker.Message) error {
			time.Sleep(90 * time.Second) // virtual: three visibility timeouts
			cancel()
			return nil
		})
		time.AfterFunc(5*time.Second, func() {
			producer.New(q, "orders", tr.Producer).Send(t.Context(), producer.Message{Body: "b"})
		})
		if err := worker.New(q, "orders", tr.Handler(h), tr.Worker, func(o *worker.Options) { o.DrainTimeout = time.Hour }).Run(ctx); err != nil {
			t.Fatal(err)
		}
		receive, process := s.one(t, "receive orders"), s.one(t, "process orders")
		if receive.StartTime() != began || receive.EndTime() != began.Add(5*time.Second) {
			t.Errorf("the receive span is from %v to %v, want 0s to 5s", receive.StartTime().Sub(began), receive.EndTime().Sub(began))
		}
		if d := process.EndTime().Sub(process.StartTime()); d != 90*time.Second {
			t.Errorf("the process span took %v, want 1m30s", d)
		}
		if n := len(s.named("extend orders")); n < 3 {
			t.Errorf("there are %d extend spans, want 3 or more", n)
		}
		for _, span := range s.named("extend orders") {
			wantAttributes(t, span, map[string]string{
				"messaging.system": "aws_sqs", "messaging.destination.name": "orders", "messaging.operation.name": "extend",
				"messaging.batch.message_count": "1", "aws.sqs.queue.url": "*", "server.address": "*", "server.port": "*",
			})
		}
	})
}

func TestTraceParent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("orders")
		s := newSpans()
		tr := s.tracing(func(o *middleware.TraceOptions) { o.Parent = true })
		handleOnce(t, q, tr, func(context.Context, *worker.Message) error { return nil }, time.Second)
		create, process := s.one(t, "create orders"), s.one(t, "process orders")
		if process.Parent().SpanID() != create.SpanContext().SpanID() || len(process.Links()) != 0 {
			t.Errorf("the process span has the parent %v and the links %v, want the create span as parent, and none",
				process.Parent().SpanID(), process.Links())
		}
	})
}

// Requests that fail, as a whole or for some of their messages, have spans that say so.
func TestTraceErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind       localqueue.FaultKind
		action     string
		span, want string
	}{
		{localqueue.Throttled, "SendMessageBatch", "send orders", "ThrottlingException"},
		{localqueue.PartialBatch, "SendMessageBatch", "send orders", "*"},
		{localqueue.Throttled, "SendMessageBatch", "create orders", "ThrottlingException"},
		{localqueue.Throttled, "ReceiveMessage", "receive orders", "ThrottlingException"},
	} {
		t.Run(fmt.Sprint(test.kind, " ", test.span), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := localqueue.New(func(o *localqueue.Options) {
					o.Faults.Rules = []localqueue.Fault{{Kind: test.kind, Action: test.action, Rate: 1}}
				})
				defer q.Close()
				q.MustCreate("orders")
				s := newSpans()
				tr := s.tracing()
				p := producer.New(q, "orders", tr.Producer, func(o *producer.Options) { o.Tries = 1 })
				p.Send(t.Context(), producer.Message{Body: "b"})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				h := worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil })
				if err := worker.New(q, "orders", tr.Handler(h), tr.Worker).Run(ctx); err != nil {
					t.Fatal(err)
				}
				named := s.named(test.span)
				if len(named) == 0 {
					t.Fatalf("no span %q among %v", test.span, s.names())
				}
				got := texts(named[0].Attributes())["error.type"]
				if got != test.want && (test.want != "*" || got == "") || named[0].Status().Code != codes.Error {
					t.Errorf("span %q has the error type %q and the status %v, want %q and an error", test.span, got, named[0].Status(), test.want)
				}
			})
		})
	}
}

// Spans beneath the handler's are its children, and the span of Run's context is its
// parent.
func TestTraceAmbient(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("orders")
		s := newSpans()
		tr := s.tracing()
		producer.New(q, "orders", tr.Producer).Send(t.Context(), producer.Message{Body: "b"})
		tracer := s.provider.Tracer("test")
		ctx, run := tracer.Start(t.Context(), "run")
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		h := worker.HandlerFunc(func(ctx context.Context, _ *worker.Message) error {
			_, span := tracer.Start(ctx, "beneath")
			span.End()
			return nil
		})
		if err := worker.New(q, "orders", tr.Handler(h), tr.Worker).Run(ctx); err != nil {
			t.Fatal(err)
		}
		process, beneath := s.one(t, "process orders"), s.one(t, "beneath")
		if process.Parent().SpanID() != run.SpanContext().SpanID() || beneath.Parent().SpanID() != process.SpanContext().SpanID() {
			t.Errorf("the process span's parent is %v, want that of Run; beneath's is %v, want the process span",
				process.Parent().SpanID(), beneath.Parent().SpanID())
		}
		if !linked(process, s.one(t, "create orders")) || s.one(t, "ack orders").Parent().SpanID() != run.SpanContext().SpanID() {
			t.Error("the process span is not linked to the creation, or the ack span is no child of Run's")
		}
	})
}

// A worker without traces in its messages still has its own.
func TestTraceWithoutContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("orders")
		s := newSpans()
		tr := s.tracing()
		producer.New(q, "orders").Send(t.Context(), producer.Message{Body: "b"})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		h := worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil })
		if err := worker.New(q, "orders", tr.Handler(h), tr.Worker).Run(ctx); err != nil {
			t.Fatal(err)
		}
		process, ack := s.one(t, "process orders"), s.one(t, "ack orders")
		if len(process.Links()) != 0 || len(s.one(t, "receive orders").Links()) != 0 || !linked(ack, process) {
			t.Errorf("links: process %v, ack %v; want none, and the process span", process.Links(), ack.Links())
		}
		if !slices.Contains(s.names(), "receive orders") {
			t.Errorf("spans %v", s.names())
		}
	})
}
