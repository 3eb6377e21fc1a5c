package payload_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
)

// dock is a server, and a producer for its queue named q that offloads to store.
type dock struct {
	*localqueue.Server
	*producer.Producer
	t     *testing.T
	queue string
}

func newDock(t *testing.T, queue string, s payload.Store, opts ...func(*payload.Options)) *dock {
	t.Helper()
	server := localqueue.New()
	t.Cleanup(func() { server.Close() })
	server.MustCreate(queue)
	return &dock{server, offloading(server, queue, s, opts...), t, queue}
}

func offloading(c producer.Client, queue string, s payload.Store, opts ...func(*payload.Options)) *producer.Producer {
	return producer.New(c, queue, func(o *producer.Options) {
		o.Middleware = append(o.Middleware, payload.Offload(s, opts...))
	})
}

// received takes the messages that are in the queue.
func (d *dock) received() []types.Message {
	d.t.Helper()
	url, err := d.GetQueueUrl(context.Background(), &sqs.GetQueueUrlInput{QueueName: &d.queue})
	if err != nil {
		d.t.Fatal(err)
	}
	out, err := d.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
		QueueUrl: url.QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return out.Messages
}

func always(o *payload.Options) { o.Always = true }

func text(s string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: new("String"), StringValue: &s}
}

func number(s string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: new("Number"), StringValue: &s}
}

const uuid = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`

// What is in the queue is, byte for byte, what the Java client would have put there.
func TestOffload(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		options   func(*payload.Options)
		prefix    string
		attribute string
	}{
		{"default", func(*payload.Options) {}, "", "ExtendedPayloadSize"},
		{"legacy", func(o *payload.Options) { o.LegacyAttribute = true }, "", "SQSLargePayloadSize"},
		{"prefix", func(o *payload.Options) { o.Prefix = "a/B-9_./" }, "a/B-9_./", "ExtendedPayloadSize"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var s memory
			d := newDock(t, "jobs", &s, always, test.options)
			own := map[string]types.MessageAttributeValue{"own": text("x")}
			body := "snow ☃ <&>" // 12 bytes, 10 characters
			if _, err := d.Send(t.Context(), producer.Message{Body: body, Type: "t", Attributes: own}); err != nil {
				t.Fatal(err)
			}
			keys, got := s.keys(), d.received()
			if len(keys) != 1 || len(got) != 1 || !regexp.MustCompile("^"+regexp.QuoteMeta(test.prefix)+uuid+"$").MatchString(keys[0]) {
				t.Fatalf("objects %q, messages %v", keys, got)
			}
			want := `["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"my-bucket","s3Key":"` + keys[0] + `"}]`
			if *got[0].Body != want || s.objects[keys[0]] != body {
				t.Errorf("the body is %s, want %s; stored is %q", *got[0].Body, want, s.objects[keys[0]])
			}
			attributes := map[string]types.MessageAttributeValue{"own": text("x"), "Quayside.Type": text("t"), test.attribute: number("12")}
			if !reflect.DeepEqual(got[0].MessageAttributes, attributes) {
				t.Errorf("attributes %v, want %v", got[0].MessageAttributes, attributes)
			}
			if len(own) != 1 {
				t.Errorf("the sender's map was changed: %v", own)
			}
		})
	}
}

// The size is that of SQS: body, and name, type and value of each attribute.
func TestOffloadThreshold(t *testing.T) {
	t.Parallel()
	attributes := map[string]types.MessageAttributeValue{
		"a": text("12345"), "b": {DataType: new("Binary"), BinaryValue: []byte("123")}, // 12 + 10
	}
	typed := producer.Message{Type: "order", Attributes: attributes} // and Quayside.Type: 13 + 6 + 5
	both := typed
	both.Attributes = maps.Clone(attributes)
	both.Attributes["Quayside.Type"] = text("what Send replaces")
	for _, test := range []struct {
		name    string
		m       producer.Message
		size    int // of the body: the largest that is sent as it is
		options func(*payload.Options)
	}{
		{"default", producer.Message{}, 262_144, func(*payload.Options) {}},
		{"zero", producer.Message{}, 262_144, func(o *payload.Options) { o.Threshold = 0 }},
		{"attributes", producer.Message{Attributes: attributes}, 100 - 22, func(o *payload.Options) { o.Threshold = 100 }},
		{"type", typed, 100 - 46, func(o *payload.Options) { o.Threshold = 100 }},
		{"type twice", both, 100 - 46, func(o *payload.Options) { o.Threshold = 100 }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for i, size := range []int{test.size, test.size + 1} {
				var s memory
				d := newDock(t, "jobs", &s, test.options)
				m := test.m
				m.Body = strings.Repeat("x", size)
				if _, err := d.Send(t.Context(), m); err != nil {
					t.Fatal(err)
				}
				if got := d.received(); len(s.keys()) != i || len(got) != 1 || (*got[0].Body == m.Body) != (i == 0) {
					t.Errorf("a body of %d bytes: %d objects, %d messages", size, len(s.keys()), len(got))
				}
			}
		})
	}
}

func TestOffloadRefuses(t *testing.T) {
	t.Parallel()
	many := func(n int) map[string]types.MessageAttributeValue {
		m := make(map[string]types.MessageAttributeValue)
		for i := range n {
			m[fmt.Sprint(i)] = text("x")
		}
		return m
	}
	both := many(8)
	both["Quayside.Type"] = text("x")
	for _, test := range []struct {
		name    string
		m       producer.Message
		options func(*payload.Options)
		want    string // "": it is sent
		stored  int
	}{
		{"nine", producer.Message{Body: "x", Attributes: many(9)}, always, "", 1},
		{"eight and type", producer.Message{Body: "x", Type: "t", Attributes: both}, always, "", 1},
		{"ten", producer.Message{Body: "x", Attributes: many(10)}, always, "has 10 attributes, want at most 9", 0},
		{"nine and type", producer.Message{Body: "x", Type: "t", Attributes: many(9)}, always, "has 10 attributes, want at most 9", 0},
		{"ten, small", producer.Message{Body: "x", Attributes: many(10)}, func(*payload.Options) {}, "", 0},
		{"reserved", producer.Message{Body: "x", Attributes: map[string]types.MessageAttributeValue{"ExtendedPayloadSize": number("1")}}, always, "ExtendedPayloadSize, which is reserved", 0},
		{"reserved legacy", producer.Message{Body: "x", Attributes: map[string]types.MessageAttributeValue{"SQSLargePayloadSize": number("1")}}, always, "SQSLargePayloadSize, which is reserved", 0},
		{"reserved, small", producer.Message{Body: "x", Attributes: map[string]types.MessageAttributeValue{"ExtendedPayloadSize": number("1")}}, func(*payload.Options) {}, "ExtendedPayloadSize, which is reserved", 0},
		{"a pointer already", producer.Message{Body: javaPointer, Attributes: map[string]types.MessageAttributeValue{"ExtendedPayloadSize": number("1")}}, always, "", 0},
		{"empty", producer.Message{}, always, "the body is empty", 0},
		{"not text", producer.Message{Body: "\xff"}, always, "not UTF-8", 0},
		{"binary", producer.Message{Body: "\xff"}, func(o *payload.Options) { o.Binary = true }, "", 1},
		{"not JSON", producer.JSON(func() {}), always, "encode body", 0},
		{"threshold", producer.Message{Body: "x"}, func(o *payload.Options) { o.Threshold = 1<<20 + 1 }, "a Threshold of 1048577", 0},
		{"prefix", producer.Message{Body: "x"}, func(o *payload.Options) { o.Prefix = "a b" }, `the prefix "a b" has characters`, 0},
		{"long prefix", producer.Message{Body: "x"}, func(o *payload.Options) { o.Prefix = strings.Repeat("x", 989) }, "the prefix has 989 bytes", 0},
		{"longest prefix", producer.Message{Body: "x"}, func(o *payload.Options) { o.Prefix = strings.Repeat("x", 988); o.Always = true }, "", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var s memory
			d := newDock(t, "jobs", &s, test.options)
			_, err := d.Send(t.Context(), test.m)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("Send = %v, want %q", err, test.want)
			}
			if len(s.keys()) != test.stored {
				t.Errorf("%d objects, want %d", len(s.keys()), test.stored)
			}
		})
	}
	if _, err := offloading(localqueue.New(), "jobs", nil).Send(t.Context(), producer.Message{Body: "x"}); err == nil || !strings.Contains(err.Error(), "needs a Store") {
		t.Errorf("without a store, Send = %v", err)
	}
}

func TestOffloadAtOnce(t *testing.T) {
	t.Parallel()
	var s memory
	d := newDock(t, "jobs", &s, always)
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			if _, err := d.Send(t.Context(), producer.Message{Body: fmt.Sprint(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	bodies := make(map[string]bool)
	for _, m := range d.received() {
		p, err := payload.ParsePointer(*m.Body)
		if err != nil {
			t.Fatal(err)
		}
		bodies[s.objects[p.Key]] = true
	}
	if len(bodies) != 10 {
		t.Errorf("%d different bodies: %v", len(bodies), bodies)
	}
}

var errStore = errors.New("store: out of order")
