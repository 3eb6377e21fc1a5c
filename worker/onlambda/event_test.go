package onlambda_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
	"github.com/quayside-go/quayside/worker/onlambda"
)

func TestTwiceInAnEvent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err   error
		named []string
		asked []string
	}{
		"done":   {nil, nil, nil},
		"failed": {worker.RetryAfter(time.Minute, nil), []string{"1"}, []string{"settings of http://q/jobs", "change other=60 1=60"}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a, calls := &asked{}, 0
				e := event("1", "2", "1")
				e.Records[2].ReceiptHandle = "other"
				r, err := onlambda.Handler(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
					if m.ID != "1" {
						return nil
					}
					calls++
					return c.err
				}), func(o *onlambda.Options) { o.Client, o.QueueURL = a, "http://q/jobs" })(context.Background(), e)
				if err != nil || calls != 1 || !slices.Equal(named(r), c.named) {
					t.Errorf("%v, %v after %d calls, want %v named after 1", r, err, calls, c.named)
				}
				if !slices.Equal(a.requests, c.asked) {
					t.Errorf("asked %q, want %q", a.requests, c.asked)
				}
			})
		})
	}
}

func TestHandlersCannotRenameFailures(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, err := onlambda.Handler(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
			m.ID = "another"
			return errLost
		}))(context.Background(), event("1", "2"))
		if err != nil || !slices.Equal(named(r), []string{"1", "2"}) {
			t.Errorf("%v, %v", r, err)
		}
	})
}

func TestEventsThatCannotBeHandled(t *testing.T) {
	t.Parallel()
	record := func(edit func(*events.SQSMessage)) events.SQSEvent {
		e := event("1", "2")
		edit(&e.Records[1])
		return e
	}
	var foreign events.SQSEvent
	if err := json.Unmarshal([]byte(`{"Records":[{"eventSource":"aws:s3","eventVersion":"2.1","s3":{"bucket":{}}}]}`), &foreign); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		event events.SQSEvent
		want  string
	}{
		"nothing":           {events.SQSEvent{}, "no records"},
		"no records":        {events.SQSEvent{Records: []events.SQSMessage{}}, "no records"},
		"another source":    {foreign, `record 1 of 1 is from "aws:s3"`},
		"an empty record":   {events.SQSEvent{Records: []events.SQSMessage{{}}}, "record 1 of 1 has no messageId"},
		"no id":             {record(func(r *events.SQSMessage) { r.MessageId = "" }), "record 2 of 2 has no messageId"},
		"no queue":          {record(func(r *events.SQSMessage) { r.EventSourceARN = "" }), `record 2 of 2: eventSourceARN is ""`},
		"a topic":           {record(func(r *events.SQSMessage) { r.EventSourceARN = "arn:aws:sns:eu-west-1:1:jobs" }), "want that of a queue"},
		"an ARN without it": {record(func(r *events.SQSMessage) { r.EventSourceARN = "arn:aws:sqs:eu-west-1:1:" }), "want that of a queue"},
	} {
		called := false
		h := worker.HandlerFunc(func(context.Context, *worker.Message) error { called = true; return nil })
		r, err := onlambda.Handler(h)(t.Context(), c.event)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "onlambda: ") || called || r.BatchItemFailures != nil {
			t.Errorf("%s: %v, %v; want an error with %q and no call", name, r, err, c.want)
		}
	}
}

func TestMissingFields(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newQueue(t, "jobs")
		arn := "arn:aws:sqs:us-east-1:000000000000:jobs"
		e := events.SQSEvent{Records: []events.SQSMessage{{MessageId: "bare", EventSourceARN: arn}, {MessageId: "2", EventSourceARN: arn, ReceiptHandle: "nonsense"}}}
		unsettled := 0
		r, err := onlambda.Handler(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
			if m.Body != "" || m.Receives != 0 || m.Attempts != 0 || m.Queue != "jobs" {
				t.Errorf("the message is %+v", m)
			}
			return worker.RetryAfter(time.Minute, nil)
		}), func(o *onlambda.Options) {
			o.Client = q
			o.Hook = func(_ context.Context, e worker.Event) {
				if e.Kind == worker.EventUnsettled {
					unsettled++
				}
			}
		})(context.Background(), e)
		if err != nil || !slices.Equal(named(r), []string{"bare", "2"}) || unsettled != 2 {
			t.Errorf("%v, %v, %d unsettled", r, err, unsettled)
		}
	})
}

func TestSetUp(t *testing.T) {
	t.Parallel()
	fine := by(nil)
	broken := worker.NewMux(worker.ByType)
	broken.Route("a", nil)
	for name, c := range map[string]struct {
		h    worker.Handler
		opt  func(*onlambda.Options)
		want string
	}{
		"no handler":      {nil, func(*onlambda.Options) {}, "handler is nil"},
		"a nil function":  {worker.HandlerFunc(nil), func(*onlambda.Options) {}, "handler is nil"},
		"a Mux":           {worker.Chain(nothing)(broken), func(*onlambda.Options) {}, `route "a"`},
		"a Batch":         {worker.Batch[int](0, 0, nil), func(*onlambda.Options) {}, "size is 0"},
		"a nil option":    {fine, nil, "an option is nil"},
		"a nil client":    {fine, func(o *onlambda.Options) { o.Client = (*localqueue.Server)(nil) }, "Options.Client"},
		"no URL":          {fine, func(o *onlambda.Options) { o.QueueURL = "jobs" }, "Options.QueueURL"},
		"no concurrency":  {fine, func(o *onlambda.Options) { o.Concurrency = -1 }, "Options.Concurrency"},
		"negative margin": {fine, func(o *onlambda.Options) { o.Margin = -1 }, "Options.Margin"},
	} {
		f := onlambda.Handler(c.h, c.opt)
		for range 2 {
			if _, err := f(t.Context(), event("1")); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want an error with %q", name, err, c.want)
			}
		}
	}
}

func TestCopies(t *testing.T) {
	t.Parallel()
	a := &copies{}
	e := event("1")
	e.Records[0].MessageAttributes = map[string]events.SQSMessageAttribute{
		"a": {DataType: "String", StringValue: new("v"), StringListValues: []string{}, BinaryListValues: [][]byte{}},
	}
	r, err := onlambda.Handler(by(map[string]error{"1": worker.DeadLetter(errLost)}), func(o *onlambda.Options) {
		o.Client, o.DeadLetterQueue = a, "dead"
	})(t.Context(), e)
	if err != nil || len(r.BatchItemFailures) != 0 || a.sent == nil {
		t.Fatalf("%v, %v; sent %v", r, err, a.sent)
	}
	v := a.sent.MessageAttributes["a"]
	if *a.sent.QueueUrl != "http://found/dead" || *a.sent.MessageBody != "1" || *v.StringValue != "v" || v.StringListValues != nil || v.BinaryListValues != nil {
		t.Errorf("the copy is %+v", a.sent)
	}
}

type copies struct {
	asked
	sent *sqs.SendMessageInput
}

func (c *copies) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	c.sent = in
	return &sqs.SendMessageOutput{}, nil
}
