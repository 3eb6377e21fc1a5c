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
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// meters collects the metrics of a Metering.
type meters struct {
	*middleware.Metering
	reader *sdkmetric.ManualReader
}

func newMeters(t testing.TB, opts ...func(*middleware.MetricsOptions)) meters {
	t.Helper()
	r := sdkmetric.NewManualReader()
	p := sdkmetric.NewMeterProvider(sdkmetric.WithReader(r))
	m, err := middleware.Metrics(append(opts, func(o *middleware.MetricsOptions) { o.Provider = p })...)
	if err != nil {
		t.Fatal(err)
	}
	return meters{m, r}
}

func (m meters) collect(t testing.TB) []metricdata.Metrics {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := m.reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	if len(all.ScopeMetrics) == 0 {
		return nil
	}
	if s := all.ScopeMetrics[0].Scope; s.Name != "github.com/quayside-go/quayside/middleware" || !strings.HasSuffix(s.SchemaURL, "/1.43.0") {
		t.Errorf("the scope is %q with the schema %q", s.Name, s.SchemaURL)
	}
	return all.ScopeMetrics[0].Metrics
}

// points returns what was collected: values, or how many there were of a histogram, by
// name and attributes.
func (m meters) points(t testing.TB) map[string]float64 {
	t.Helper()
	points := make(map[string]float64)
	for _, one := range m.collect(t) {
		add := func(as attribute.Set, v float64) { points[one.Name+" "+as.Encoded(attribute.DefaultEncoder())] = v }
		switch data := one.Data.(type) {
		case metricdata.Sum[int64]:
			for _, p := range data.DataPoints {
				add(p.Attributes, float64(p.Value))
			}
		case metricdata.Sum[float64]:
			for _, p := range data.DataPoints {
				add(p.Attributes, p.Value)
			}
		case metricdata.Histogram[float64]:
			for _, p := range data.DataPoints {
				add(p.Attributes, float64(p.Count))
			}
		default:
			t.Errorf("%s is a %T", one.Name, data)
		}
	}
	return points
}

// point is a key of points: the metric, the queue, and other attributes in pairs.
func point(name, queue string, pairs ...string) string {
	as := []attribute.KeyValue{
		attribute.String("messaging.system", "aws_sqs"), attribute.String("messaging.destination.name", queue),
		attribute.String("server.address", "sqs.us-east-1.localhost"), attribute.Int("server.port", 80),
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			as = append(as, attribute.String(pairs[i], pairs[i+1]))
		}
	}
	set := attribute.NewSet(as...)
	return name + " " + set.Encoded(attribute.DefaultEncoder())
}

// operation is point for the metrics of operations.
func operation(name, queue, op, opType, errType string) string {
	return point(name, queue, "messaging.operation.name", op, "messaging.operation.type", opType, "error.type", errType)
}

// runFor has a worker handle what comes for as long as given.
func runFor(t *testing.T, w *worker.Worker, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := w.Run(ctx); err != nil {
		t.Errorf("Run = %v", err)
	}
}

var errBroken = &brokenError{}

// brokenError is what handlers here return.
type brokenError struct{}

func (*brokenError) Error() string { return "broken" }

// endings are handlers, one for each outcome and more.
var endings = []struct {
	name      string
	h         worker.HandlerFunc
	outcome   worker.Outcome
	errType   string // of its failure; "": it is none
	settledBy string // ack or nack
}{
	{"done", func(context.Context, *worker.Message) error { return nil }, worker.Done, "", "ack"},
	{"failed", func(context.Context, *worker.Message) error { return errBroken }, worker.Failed, "*middleware_test.brokenError", "nack"},
	{"retry after", func(context.Context, *worker.Message) error { return worker.RetryAfter(time.Hour, errBroken) }, worker.Failed, "*middleware_test.brokenError", "nack"},
	{"snoozed", func(context.Context, *worker.Message) error { return worker.Snooze(time.Hour) }, worker.Snoozed, "", "nack"},
	{"discarded", func(context.Context, *worker.Message) error { return worker.Discard(errBroken) }, worker.Discarded, "*middleware_test.brokenError", "ack"},
	{"discarded without a reason", func(context.Context, *worker.Message) error { return worker.Discard(nil) }, worker.Discarded, "_OTHER", "ack"},
	{"dead-lettered", func(context.Context, *worker.Message) error { return worker.DeadLetter(errBroken) }, worker.DeadLettered, "*middleware_test.brokenError", "ack"},
	{"released", func(ctx context.Context, _ *worker.Message) error { <-ctx.Done(); return ctx.Err() }, worker.Released, "", "nack"},
	{"panicked", func(context.Context, *worker.Message) error { panic("no") }, worker.Failed, "panic", "nack"},
}

// Of every outcome: all that is recorded, but for what workers do now.
func TestMetricsOutcomes(t *testing.T) {
	t.Parallel()
	const (
		some     = -1 // more than none: how often a worker polls is its own business
		duration = "messaging.client.operation.duration"
	)
	for _, test := range endings {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := localqueue.New()
				defer q.Close()
				q.MustCreate("orders -> orders-dlq")
				m := newMeters(t)
				if _, err := producer.New(q, "orders", m.Producer).Send(t.Context(), producer.Message{Body: "b"}); err != nil {
					t.Fatal(err)
				}
				w := worker.New(q, "orders", test.h, m.Worker)
				runFor(t, w, 500*time.Millisecond)

				want := map[string]float64{
					operation(duration, "orders", "send", "send", ""):                                     1,
					operation(duration, "orders", "receive", "receive", ""):                               some,
					operation(duration, "orders", test.settledBy, "settle", ""):                           1,
					operation("messaging.client.sent.messages", "orders", "send", "", ""):                 1,
					operation("messaging.client.consumed.messages", "orders", "receive", "", ""):          1,
					operation("messaging.process.duration", "orders", "process", "process", test.errType): 1,
					point("quayside.worker.outcomes", "orders", "quayside.outcome", string(test.outcome)): 1,
				}
				if test.outcome == worker.DeadLettered {
					want[operation(duration, "orders-dlq", "send", "send", "")] = 1
					want[operation("messaging.client.sent.messages", "orders-dlq", "send", "", "")] = 1
				}
				if test.outcome == worker.Released { // after the drain's 20 s
					want[operation(duration, "orders", "extend", "", "")] = 1
					want[point("quayside.worker.events", "orders", "quayside.event", "released")] = 1
				}
				requests := w.Stats().Requests
				requests["SendMessageBatch"]++
				got := m.points(t)
				found := got[`quayside.sqs.requests messaging.destination.name=orders,messaging.system=aws_sqs,quayside.sqs.action=GetQueueUrl`]
				if found != 2 { // by the worker and the producer, which do not know the URL
					t.Errorf("there are %v requests to find the queue, want 2", found)
				}
				maps.DeleteFunc(got, func(p string, _ float64) bool { return strings.Contains(p, "=GetQueueUrl") })
				delete(requests, "GetQueueUrl")
				for action, n := range requests {
					queue := "orders"
					if action == "SendMessage" {
						queue = "orders-dlq"
					}
					want[point("quayside.sqs.requests", queue, "quayside.sqs.action", action)] = float64(n)
					want[point("quayside.sqs.cost", queue, "quayside.sqs.action", action)] = some
				}
				for p, n := range want {
					if n == some && got[p] > 0 {
						got[p] = some
					}
				}
				differ(t, got, want)
			})
		})
	}
}

// differ compares points.
func differ(t *testing.T, got, want map[string]float64) {
	t.Helper()
	for _, p := range slices.Sorted(maps.Keys(want)) {
		if v, ok := got[p]; !ok || v != want[p] {
			t.Errorf("%s = %v, want %v", p, v, want[p])
		}
	}
	for _, p := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[p]; !ok {
			t.Errorf("%s = %v, want none", p, got[p])
		}
	}
}

// Durations are in seconds and in the buckets advised; extending has no operation type.
func TestMetricsDurations(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("orders")
		m := newMeters(t)
		h := worker.HandlerFunc(func(context.Context, *worker.Message) error {
			time.Sleep(90 * time.Second) // virtual: three visibility timeouts
			return nil
		})
		time.AfterFunc(5*time.Second, func() {
			producer.New(q, "orders").Send(t.Context(), producer.Message{Body: "b"})
		})
		runFor(t, worker.New(q, "orders", h, m.Worker), 100*time.Second)

		seconds := make(map[string]float64)
		for _, one := range m.collect(t) {
			data, ok := one.Data.(metricdata.Histogram[float64])
			if !ok {
				continue
			}
			if one.Unit != "s" {
				t.Errorf("%s is in %q, want s", one.Name, one.Unit)
			}
			for _, p := range data.DataPoints {
				seconds[one.Name+" "+p.Attributes.Encoded(attribute.DefaultEncoder())] = p.Sum
				if want := []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}; !slices.Equal(p.Bounds, want) {
					t.Errorf("%s has the buckets %v, want %v", one.Name, p.Bounds, want)
				}
			}
		}
		if got := seconds[operation("messaging.process.duration", "orders", "process", "process", "")]; got != 90 {
			t.Errorf("the handler took %v s, want 90", got)
		}
		// One long poll at a time, and a short rest while a handler runs.
		if got := seconds[operation("messaging.client.operation.duration", "orders", "receive", "receive", "")]; got < 95 || got > 100 {
			t.Errorf("receives took %v s, want nearly 100", got)
		}
		points := m.points(t)
		if got := points[operation("messaging.client.operation.duration", "orders", "extend", "", "")]; got < 3 {
			t.Errorf("there are %v extensions without operation type in\n%v, want 3 or more", got, points)
		}
	})
}

// Requests that fail have an error.type, as have messages that SQS refuses.
func TestMetricsErrors(t *testing.T) {
	t.Parallel()
	const duration, sent, requests = "messaging.client.operation.duration", "messaging.client.sent.messages", "quayside.sqs.requests"
	for _, test := range []struct {
		name string
		rule localqueue.Fault
		want []string
		none []string
	}{
		{"throttled receives", localqueue.Fault{Kind: localqueue.Throttled, Action: "ReceiveMessage"}, []string{
			operation(duration, "orders", "receive", "receive", "ThrottlingException"),
			operation(duration, "orders", "receive", "receive", "RequestThrottled"),
			point(requests, "orders", "quayside.sqs.action", "ReceiveMessage", "error.type", "RequestThrottled"),
		}, nil},
		{"lost deletes", localqueue.Fault{Kind: localqueue.LostRequest, Action: "DeleteMessageBatch"}, []string{
			operation(duration, "orders", "ack", "settle", "*net.OpError"),
			point("quayside.worker.events", "orders", "quayside.event", "unsettled"),
		}, nil},
		{"throttled sends", localqueue.Fault{Kind: localqueue.Throttled, Action: "SendMessageBatch"}, []string{
			operation(duration, "orders", "send", "send", "ThrottlingException"),
			operation(sent, "orders", "send", "", "ThrottlingException"),
		}, []string{operation(sent, "orders", "send", "", "")}},
		{"refused messages", localqueue.Fault{Kind: localqueue.PartialBatch, Action: "SendMessageBatch"}, []string{
			operation(duration, "orders", "send", "send", ""),
			operation(sent, "orders", "send", "", "InternalError"),
		}, []string{operation(sent, "orders", "send", "", "")}},
		{"copies not taken", localqueue.Fault{Kind: localqueue.ServerError, Action: "SendMessage"}, []string{
			operation(duration, "orders-dlq", "send", "send", "ServiceUnavailable"),
			operation(sent, "orders-dlq", "send", "", "ServiceUnavailable"),
			operation("messaging.process.duration", "orders", "process", "process", "*middleware_test.brokenError"),
			point("quayside.worker.outcomes", "orders", "quayside.outcome", "failed"),
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				test.rule.Rate = 1
				q := localqueue.New(func(o *localqueue.Options) { o.Faults.Rules = []localqueue.Fault{test.rule} })
				defer q.Close()
				q.MustCreate("orders -> orders-dlq")
				m := newMeters(t)
				producer.New(q, "orders", m.Producer).Send(t.Context(), producer.Message{Body: "b"})
				h := worker.HandlerFunc(func(context.Context, *worker.Message) error {
					if test.rule.Action == "SendMessage" {
						return worker.DeadLetter(errBroken)
					}
					return nil
				})
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				worker.New(q, "orders", h, m.Worker).Run(ctx) // with deletes lost, the drain is not clean
				got := m.points(t)
				for _, p := range test.want {
					if got[p] == 0 {
						t.Errorf("no %s in\n%v", p, strings.Join(slices.Sorted(maps.Keys(got)), "\n"))
					}
				}
				for _, p := range test.none {
					if got[p] != 0 {
						t.Errorf("%s = %v, want none", p, got[p])
					}
				}
			})
		})
	}
}

// What requests cost depends on the queue. Without a price there is no cost.
func TestMetricsCost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("orders", "orders.fifo")
		for _, test := range []struct {
			queue  string
			prices worker.Prices
			want   float64
		}{
			{"orders", worker.USEast1, 0.40 * 3 / 1e6},
			{"orders.fifo", worker.USEast1, 0.50 * 3 / 1e6},
			{"orders.fifo", worker.Prices{FIFO: 1e6}, 3},
			{"orders.fifo", worker.Prices{Standard: 1}, 0},
		} {
			m := newMeters(t, func(o *middleware.MetricsOptions) {
				if test.prices != worker.USEast1 {
					o.Prices = test.prices
				}
			})
			p := producer.New(q, test.queue, m.Producer)
			for i := range 3 {
				msg := producer.Message{Body: "b"}
				if test.queue == "orders.fifo" {
					msg.Group, msg.DeduplicationID = "g", fmt.Sprint(test.prices.FIFO, "-", i)
				}
				if _, err := p.Send(t.Context(), msg); err != nil {
					t.Fatal(err)
				}
			}
			got, ok := m.points(t)[point("quayside.sqs.cost", test.queue, "quayside.sqs.action", "SendMessageBatch")]
			if d := got - test.want; d > 1e-12 || d < -1e-12 || ok != (test.want > 0) {
				t.Errorf("three sends to %s cost %v at %+v (recorded: %t), want %v", test.queue, got, test.prices, ok, test.want)
			}
		}
	})
}

// A hook that is there before stays.
func TestMetricsBesideHook(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("orders")
		m := newMeters(t)
		sent, told := 0, 0
		producer.New(q, "orders", func(o *producer.Options) {
			o.Hook = func(context.Context, producer.Event) { sent++ }
		}, m.Producer).Send(t.Context(), producer.Message{Body: "b"})
		runFor(t, worker.New(q, "orders", worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil }), func(o *worker.Options) {
			o.Hook = func(_ context.Context, e worker.Event) {
				if e.Kind == worker.EventHandled {
					told++
				}
			}
		}, m.Worker), time.Second)
		if sent != 2 || told != 1 {
			t.Errorf("the hooks were told of %d requests and %d messages, want 2 and 1", sent, told)
		}
	})
}

// refusing is a provider whose instruments are refused.
type refusing struct{ noop.MeterProvider }

func (refusing) Meter(string, ...metric.MeterOption) metric.Meter { return refusingMeter{} }

type refusingMeter struct{ noop.Meter }

func (refusingMeter) Float64Counter(string, ...metric.Float64CounterOption) (metric.Float64Counter, error) {
	return nil, errBroken
}

func TestMetricsRefuses(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]func(*middleware.MetricsOptions){
		"negative price":      func(o *middleware.MetricsOptions) { o.Prices.FIFO = -1 },
		"refused instruments": func(o *middleware.MetricsOptions) { o.Provider = refusing{} },
	} {
		m, err := middleware.Metrics(opt)
		if m != nil || err == nil || !strings.HasPrefix(err.Error(), "middleware: ") {
			t.Errorf("%s: Metrics = %v, %v, want an error", name, m, err)
		}
		if name == "refused instruments" && !errors.Is(err, errBroken) {
			t.Errorf("%s: the error is %v, want the provider's", name, err)
		}
	}
}
