package producer_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
)

// noting returns a middleware that notes when it is called, and with which answer.
func noting(log *[]string, name string, fails error) producer.Middleware {
	return func(_ context.Context, m *producer.Message) (func(producer.Sent, error), error) {
		*log = append(*log, name+" "+m.Body)
		m.Body += name
		return func(s producer.Sent, err error) {
			*log = append(*log, fmt.Sprintf("%s %t %v", name, s.ID != "", err))
		}, fails
	}
}

func TestMiddleware(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	for _, test := range []struct {
		name  string
		fails error // of the second
		want  []string
		sent  []string
	}{
		{"sent", nil, []string{"a x", "b xa", "c xab", "c true <nil>", "b true <nil>", "a true <nil>"}, []string{"xabc"}},
		{"refused", refused, []string{"a x", "b xa", "b false refused", "a false refused"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := openLocal(t)
			defer q.Close()
			q.MustCreate("orders")
			var log []string
			p := producer.New(q, "orders", func(o *producer.Options) {
				o.Middleware = []producer.Middleware{
					noting(&log, "a", nil), noting(&log, "b", test.fails),
					func(context.Context, *producer.Message) (func(producer.Sent, error), error) { return nil, nil },
					noting(&log, "c", nil),
				}
			})
			if _, err := p.Send(t.Context(), producer.Message{Body: "x"}); !errors.Is(err, test.fails) {
				t.Errorf("Send = %v, want %v", err, test.fails)
			}
			if !slices.Equal(log, test.want) {
				t.Errorf("the middleware was called in the order %q, want %q", log, test.want)
			}
			var sent []string
			for _, m := range receive(t, q, "orders") {
				sent = append(sent, *m.Body)
			}
			if !slices.Equal(sent, test.sent) {
				t.Errorf("the queue held %q, want %q", sent, test.sent)
			}
		})
	}
}

// A middleware hears of messages that were not sent for any reason.
func TestMiddlewareHearsErrors(t *testing.T) {
	t.Parallel()
	q := openLocal(t)
	defer q.Close()
	q.MustCreate("jobs.fifo")
	var heard []error
	p := producer.New(q, "jobs.fifo", func(o *producer.Options) {
		o.Middleware = []producer.Middleware{
			func(context.Context, *producer.Message) (func(producer.Sent, error), error) {
				return func(_ producer.Sent, err error) { heard = append(heard, err) }, nil
			},
		}
	})
	p.Send(t.Context(), producer.Message{Body: "no group"})
	p.Send(t.Context(), producer.Message{Body: "no deduplication id", Group: "g"})
	p.Close(t.Context())
	p.Send(t.Context(), producer.Message{Body: "late", Group: "g", DeduplicationID: "d"})
	if len(heard) != 3 || heard[0] == nil || heard[1] == nil || !errors.Is(heard[2], producer.ErrClosed) {
		t.Errorf("the middleware heard %v, want three errors, the last ErrClosed", heard)
	}
}

func TestNilMiddleware(t *testing.T) {
	t.Parallel()
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("orders")
	p := producer.New(q, "orders", func(o *producer.Options) { o.Middleware = make([]producer.Middleware, 1) })
	if _, err := p.Send(t.Context(), producer.Message{Body: "b"}); err == nil || !strings.Contains(err.Error(), "Middleware[0] is nil") {
		t.Errorf("Send = %v, want an error that names the middleware", err)
	}
}

// What middleware, and the type, add to the attributes stays out of the sender's map.
func TestSetAttribute(t *testing.T) {
	t.Parallel()
	q := openLocal(t)
	defer q.Close()
	q.MustCreate("orders")
	var fit []bool
	p := producer.New(q, "orders", func(o *producer.Options) {
		o.Middleware = []producer.Middleware{
			func(_ context.Context, m *producer.Message) (func(producer.Sent, error), error) {
				fit = append(fit, m.SetAttribute("one", "1"), m.SetAttribute("two", "2"), m.SetAttribute("one", "3"))
				return nil, nil
			},
		}
	})
	own := map[string]types.MessageAttributeValue{}
	for i := range 8 {
		own[fmt.Sprint("own", i)] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String("v")}
	}
	before := maps.Clone(own)
	m := producer.Message{Body: "b", Type: "order", Attributes: own, TraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793"}
	if _, err := p.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Send(t.Context(), producer.Message{Body: "b"}); err != nil {
		t.Fatal(err)
	}
	if want := []bool{true, false, true, true, true, true}; !slices.Equal(fit, want) {
		t.Errorf("SetAttribute returned %v, want %v: eight attributes and the type leave room for one", fit, want)
	}
	if len(own) != len(before) {
		t.Errorf("the sender's attributes are %v now, want them left alone", own)
	}
	ms := receive(t, q, "orders")
	if got := *ms[0].MessageAttributes["one"].StringValue; got != "3" || len(ms[0].MessageAttributes) != 10 {
		t.Errorf("received %d attributes, one of them %q, want 10 and 3", len(ms[0].MessageAttributes), got)
	}
	if got := ms[0].Attributes["AWSTraceHeader"]; got != m.TraceHeader {
		t.Errorf("received the trace header %q, want %q", got, m.TraceHeader)
	}
}

func TestHookHearsRefusals(t *testing.T) {
	t.Parallel()
	q := localqueue.New(func(o *localqueue.Options) {
		o.Faults.Rules = []localqueue.Fault{{Kind: localqueue.PartialBatch, Rate: 1}}
	})
	defer q.Close()
	q.MustCreate("orders")
	var events []producer.Event
	p := producer.New(q, "orders", once, func(o *producer.Options) {
		o.Hook = func(_ context.Context, e producer.Event) { events = append(events, e) }
	})
	_, err := p.Send(t.Context(), producer.Message{Body: "b"})
	last := events[len(events)-1]
	if err == nil || len(last.Refused) != 1 || last.Refused[0] == nil || last.Err != nil || last.Messages[0].Body != "b" {
		t.Errorf("Send = %v, and the hook was told %+v; want a refusal, told", err, last)
	}
}
