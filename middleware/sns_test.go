package middleware_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// envelope is as in the SNS documentation, with attributes of each type.
const envelope = `{
  "Type" : "Notification",
  "MessageId" : "dc1e94d9-56c5-5e96-808d-cc7f68faa162",
  "TopicArn" : "arn:aws:sns:us-east-2:111122223333:ExampleTopic1",
  "Subject" : "TestSubject",
  "Message" : "{\"id\":\"42\"}",
  "Timestamp" : "2021-02-16T21:41:19.978Z",
  "SignatureVersion" : "1",
  "Signature" : "FMG5tlZhJNHLHUXvZgtZzlk24FzVa7oX0T4P03neeXw8ZEXZx6z35j2FOTuNYShn2h0bKNC/zLTnMyIxEzmi2X1shOBWsJHkrW2xkR58ABZF+4uWHEE73yDVR4SyYAikP9jstZzDRm+bcVs8+T0yaLiEGLrIIL4esi1llhIkgErCuy5btPcWXBdio2fpCRD5x9oR6gmE/rd5O7lX1c1uvnv4r1Lkk4pqP2/iUfxFZva1xLSRvgyfm6D9hNklVyPfy+7TalMD0lzmJuOrExtnSIbZew3foxgx8GT+lbZkLd0ZdtdRJlIyPRP44eyq78sU0Eo/LsDr0Iak4ZDpg8dXg==",
  "SigningCertURL" : "https://sns.us-east-2.amazonaws.com/SimpleNotificationService-010a507c1833636cd94bdb98bd93083a.pem",
  "UnsubscribeURL" : "https://sns.us-east-2.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-2:111122223333:ExampleTopic1:e1039402-24e7-40a3-a0d4-797da162b297",
  "MessageAttributes" : {
    "traceparent" : {"Type":"String","Value":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
    "Quayside.Type" : {"Type":"String","Value":"order.paid"},
    "amount" : {"Type":"Number","Value":"12.50"},
    "raw" : {"Type":"Binary","Value":"AAEC/w=="},
    "tags" : {"Type":"String.Array","Value":"[\"a\",\"b\"]"}
  }
}`

const topic = "arn:aws:sns:us-east-2:111122223333:ExampleTopic1"

// edited returns the envelope with a field set, or without it.
func edited(key string, value any) string {
	var fields map[string]any
	if err := json.Unmarshal([]byte(envelope), &fields); err != nil {
		panic(err)
	}
	if fields[key] = value; value == nil {
		delete(fields, key)
	}
	text, _ := json.Marshal(fields)
	return string(text)
}

func topics(arns ...string) func(*middleware.SNSOptions) {
	return func(o *middleware.SNSOptions) { o.Topics = arns }
}

func raw(o *middleware.SNSOptions) { o.Raw = true }

func TestSNS(t *testing.T) {
	t.Parallel()
	outer := map[string]types.MessageAttributeValue{"outer": {DataType: new("String"), StringValue: new("x")}}
	m := &worker.Message{Body: envelope, Type: "outer", Attributes: outer}
	called := false
	err := middleware.SNS(topics("other", topic))(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		called = true
		if m.Body != `{"id":"42"}` || m.Type != "order.paid" {
			t.Errorf("body %q of type %q", m.Body, m.Type)
		}
		want := map[string]types.MessageAttributeValue{
			"traceparent":   {DataType: new("String"), StringValue: new("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")},
			"Quayside.Type": {DataType: new("String"), StringValue: new("order.paid")},
			"amount":        {DataType: new("Number"), StringValue: new("12.50")},
			"raw":           {DataType: new("Binary"), BinaryValue: []byte{0, 1, 2, 255}},
			"tags":          {DataType: new("String.Array"), StringValue: new(`["a","b"]`)},
		}
		if !reflect.DeepEqual(m.Attributes, want) {
			t.Errorf("attributes %v, want %v", m.Attributes, want)
		}
		e, ok := middleware.SNSOf(m)
		if !ok || e.TopicARN != topic || e.MessageID != "dc1e94d9-56c5-5e96-808d-cc7f68faa162" || e.Subject != "TestSubject" ||
			!e.Timestamp.Equal(time.Date(2021, 2, 16, 21, 41, 19, 978e6, time.UTC)) || e.SignatureVersion != "1" ||
			!strings.HasPrefix(e.Signature, "FMG5") || !strings.HasSuffix(e.SigningCertURL, ".pem") || !strings.Contains(e.UnsubscribeURL, "Unsubscribe") {
			t.Errorf("envelope %+v, %v", e, ok)
		}
		return nil
	})).Handle(t.Context(), m)
	if err != nil || !called {
		t.Errorf("Handle = %v, called: %v", err, called)
	}
	restored(t, m, envelope, "outer", outer)
}

// restored fails the test unless m is as it was.
func restored(t *testing.T, m *worker.Message, body, typ string, attributes map[string]types.MessageAttributeValue) {
	t.Helper()
	if m.Body != body || m.Type != typ || !reflect.DeepEqual(m.Attributes, attributes) {
		t.Errorf("the message is left with body %.40q, type %q, attributes %v", m.Body, m.Type, m.Attributes)
	}
	if e, ok := middleware.SNSOf(m); ok {
		t.Errorf("the message is left with an envelope: %v", e)
	}
}

func TestSNSRefuses(t *testing.T) {
	t.Parallel()
	confirm := edited("Type", "SubscriptionConfirmation")
	for _, test := range []struct {
		name, body string
		options    func(*middleware.SNSOptions)
		want       string // "" if it passes as it is
	}{
		{"text", "hello", topics(), "SNS: the body is not an SNS envelope: invalid character"},
		{"empty", "", topics(), "not an SNS envelope"},
		{"null", "null", topics(), "it lacks Type, MessageId, TopicArn or Message"},
		{"array", "[]", topics(), "not an SNS envelope"},
		{"other JSON", `{"Type":"order","Message":"x"}`, topics(), "it lacks"},
		{"no message", edited("Message", nil), topics(), "it lacks"},
		{"message no string", edited("Message", map[string]any{}), topics(), "not an SNS envelope"},
		{"two values", envelope + "{}", topics(), "not an SNS envelope"},
		{"time", edited("Timestamp", "yesterday"), topics(), "not an SNS envelope"},
		{"other topic", envelope, topics(topic + "x"), `SNS: the message is from topic "` + topic + `", which is not one of those allowed`},
		{"other topic, raw allowed", edited("TopicArn", "x"), func(o *middleware.SNSOptions) { raw(o); topics(topic)(o) }, `topic "x", which`},
		{"confirmation", confirm, topics(), `is a "SubscriptionConfirmation", want a Notification`},
		{"confirmation, raw allowed", confirm, raw, `is a "SubscriptionConfirmation"`},
		{"end", edited("Type", "UnsubscribeConfirmation"), topics(), `is a "UnsubscribeConfirmation"`},
		{"binary", edited("MessageAttributes", map[string]any{"b": map[string]string{"Type": "Binary", "Value": "?"}}), topics(), `the message attribute "b": illegal base64`},
		{"raw text", "hello", raw, ""},
		{"raw JSON", `{"Type":"order"}`, raw, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			next := noCall(t)
			passed := false
			if test.want == "" {
				next = worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
					passed = m.Body == test.body && m.Type == "t"
					return nil
				})
			}
			m := &worker.Message{Body: test.body, Type: "t"}
			err := middleware.SNS(test.options)(next).Handle(t.Context(), m)
			if test.want == "" {
				if err != nil || !passed {
					t.Errorf("Handle = %v, passed as it was: %v", err, passed)
				}
			} else if err == nil || !strings.Contains(err.Error(), test.want) || worker.OutcomeOf(t.Context(), err) != worker.DeadLettered {
				t.Errorf("Handle = %v, want a DeadLetter with %q", err, test.want)
			}
			restored(t, m, test.body, "t", nil)
		})
	}
}

func TestSNSRestores(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, f := range []func(){func() {}, func() { panic(broken) }} {
		m := &worker.Message{Body: envelope}
		h := middleware.SNS()(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
			m.Body, m.Type, m.Attributes = "changed", "changed", nil
			f()
			return broken
		}))
		for range 2 {
			if panicked, err := handled(t.Context(), h, m); err != broken && panicked != broken {
				t.Errorf("Handle = %v, panic %v", err, panicked)
			}
			restored(t, m, envelope, "", nil)
		}
	}
}

// An envelope within an envelope, of a topic that forwards another's: each SNS takes off
// one.
func TestSNSTwice(t *testing.T) {
	t.Parallel()
	inner := edited("Message", "innermost")
	outer := edited("Message", inner)
	m := &worker.Message{Body: outer}
	between := func(next worker.Handler) worker.Handler {
		return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			err := next.Handle(ctx, m)
			if e, ok := middleware.SNSOf(m); !ok || e.Message != inner || m.Body != inner {
				t.Errorf("between the two, the message is left with %+v, %v", e, ok)
			}
			return err
		})
	}
	h := worker.Chain(middleware.SNS(), between, middleware.SNS())(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		if m.Body != "innermost" {
			t.Errorf("body %q", m.Body)
		}
		return nil
	}))
	if err := h.Handle(t.Context(), m); err != nil {
		t.Errorf("Handle = %v", err)
	}
	restored(t, m, outer, "", nil)
}

// A worker sees the same message at each try, and moves it as it came.
func TestSNSInWorker(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newDock(t, "orders.fifo -> dead.fifo")
		var calls atomic.Int32
		h := middleware.SNS()(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
			if m.Body != `{"id":"42"}` {
				t.Errorf("call %d has body %q", calls.Load(), m.Body)
			}
			if calls.Add(1) == 3 {
				return worker.DeadLetter(errors.New("enough"))
			}
			return worker.RetryAfter(time.Second, errors.New("soon"))
		}))
		stop := q.work("orders.fifo", h)
		q.send("orders.fifo", envelope, func(in *sqs.SendMessageInput) {
			in.MessageGroupId, in.MessageDeduplicationId = new("g"), new("d")
		})
		pass(time.Minute)
		stop()
		m, ok := q.receive("dead.fifo")
		if !ok || *m.Body != envelope || calls.Load() != 3 {
			t.Errorf("the dead-letter queue has %v %v after %d calls, want the envelope after 3", ok, m.Body, calls.Load())
		}
		q.empty("orders.fifo")
	})
}

func FuzzSNS(f *testing.F) {
	f.Add(envelope, true)
	f.Add(edited("Type", "SubscriptionConfirmation"), false)
	f.Add(edited("MessageAttributes", nil), false)
	f.Add(edited("MessageAttributes", map[string]any{"b": map[string]string{"Type": "Binary.x", "Value": "?"}}), false)
	f.Add(`{"Type":"Notification"}`, true)
	f.Fuzz(func(t *testing.T, body string, passes bool) {
		m := &worker.Message{Body: body}
		var inside *middleware.SNSEnvelope
		called := false
		h := middleware.SNS(func(o *middleware.SNSOptions) { o.Raw = passes })(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
			called = true
			e, ok := middleware.SNSOf(m)
			switch inside = e; {
			case ok && (e.Type != "Notification" || m.Body != e.Message || len(m.Attributes) != len(e.MessageAttributes)):
				t.Errorf("%+v was unwrapped to %q, %v", e, m.Body, m.Attributes)
			case !ok && (!passes || m.Body != body):
				t.Errorf("%q went through without an envelope", m.Body)
			}
			for name, v := range m.Attributes {
				want := inside.MessageAttributes[name].Value
				if v.StringValue == nil {
					b, err := base64.StdEncoding.DecodeString(want)
					if want = string(b); err != nil || string(v.BinaryValue) != want {
						t.Errorf("attribute %q is %v, want %q", name, v.BinaryValue, want)
					}
				} else if *v.StringValue != want {
					t.Errorf("attribute %q is %q, want %q", name, *v.StringValue, want)
				}
			}
			return nil
		}))
		err := h.Handle(t.Context(), m)
		if called != (err == nil) || err != nil && worker.OutcomeOf(t.Context(), err) != worker.DeadLettered {
			t.Errorf("Handle = %v, called: %v", err, called)
		}
		restored(t, m, body, "", nil)
	})
}
