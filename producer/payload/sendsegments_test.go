package payload_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
)

// pier is a producer of which every message is kept on its way.
type pier struct {
	*localqueue.Server
	*producer.Producer
	sent    []producer.Message
	refuses func(n int) error // the n-th, from 0
}

func newPier(t *testing.T, queue string) *pier {
	t.Helper()
	p := &pier{Server: localqueue.New()}
	t.Cleanup(func() { p.Server.Close() })
	p.MustCreate(queue)
	p.Producer = producer.New(p.Server, queue, func(o *producer.Options) {
		o.Middleware = append(o.Middleware, func(_ context.Context, m *producer.Message) (func(producer.Sent, error), error) {
			kept := *m
			kept.Attributes = maps.Clone(m.Attributes)
			p.sent = append(p.sent, kept)
			if p.refuses != nil {
				return nil, p.refuses(len(p.sent) - 1)
			}
			return nil, nil
		})
	})
	return p
}

func of(size int) func(*payload.SegmentOptions) {
	return func(o *payload.SegmentOptions) { o.PartSize = size }
}

// sizeOf counts as SQS does.
func sizeOf(m producer.Message) int {
	n := len(m.Body)
	if m.Type != "" {
		n += len("Quayside.Type") + len("String") + len(m.Type)
	}
	for name, v := range m.Attributes {
		n += len(name) + len(*v.DataType) + len(v.BinaryValue)
		if v.StringValue != nil {
			n += len(*v.StringValue)
		}
	}
	return n
}

// A body is cut into parts that are no larger than they may be, between characters, and
// each carries what the message carries.
func TestSendSegments(t *testing.T) {
	t.Parallel()
	own := map[string]types.MessageAttributeValue{"own": text("x"), "bin": {DataType: new("Binary"), BinaryValue: []byte("abc")}}
	for _, test := range []struct {
		name       string
		unit       string
		size, part int
		most       int // parts
	}{
		{"ascii", "x", 10_000, 1000, 14},
		{"two bytes", "é", 10_000, 1001, 14},
		{"four bytes", "\U0001f600", 10_000, 999, 15},
		{"mixed", "a€\U0001f600é\n", 50_000, 997, 70},
		{"default", "a€", 2_500_000, 0, 3},
		{"largest", "a€", 2_500_000, 1 << 20, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPier(t, "jobs")
			m := producer.Message{
				Body: strings.Repeat(test.unit, test.size/len(test.unit)), Type: "report", Group: "tenant", Delay: time.Minute,
				TraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793", Attributes: own,
			}
			results, err := payload.SendSegments(t.Context(), p.Producer, m, of(test.part))
			if err != nil {
				t.Fatal(err)
			}
			if len(results) != len(p.sent) || len(results) < 2 || len(results) > test.most {
				t.Errorf("%d results of %d messages, want up to %d", len(results), len(p.sent), test.most)
			}
			limit := test.part
			if limit == 0 {
				limit = 960 << 10
			}
			var whole strings.Builder
			ids := make(map[string]bool)
			for i, part := range p.sent {
				whole.WriteString(part.Body)
				if n := sizeOf(part); n > limit || !utf8.ValidString(part.Body) {
					t.Errorf("part %d has %d bytes, more than %d, or is not UTF-8", i, n, limit)
				}
				s, err := payload.ParseSegment(part.Attributes[payload.SegmentAttribute])
				want := payload.Segment{
					Payload: s.Payload, Part: i, Parts: len(results), Bytes: int64(len(m.Body)),
					SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(m.Body))),
				}
				if s != want || err != nil {
					t.Errorf("part %d has %+v, %v, want %+v", i, s, err, want)
				}
				ids[s.Payload] = true
				delete(part.Attributes, payload.SegmentAttribute)
				if !reflect.DeepEqual(part.Attributes, own) || part.Type != m.Type || part.Group != m.Group || part.Delay != m.Delay || part.TraceHeader != m.TraceHeader {
					t.Errorf("part %d is %+v", i, part)
				}
				if results[i].ID == "" || results[i].Err != nil {
					t.Errorf("part %d: %+v", i, results[i])
				}
			}
			if whole.String() != m.Body || len(ids) != 1 || len(own) != 2 {
				t.Errorf("together %d bytes, want %d, of payloads %v; the sender's attributes: %v", whole.Len(), len(m.Body), ids, own)
			}
			if _, err := payload.SendSegments(t.Context(), p.Producer, m, of(test.part)); err != nil {
				t.Fatal(err)
			}
			if s, _ := payload.ParseSegment(p.sent[len(p.sent)-1].Attributes[payload.SegmentAttribute]); ids[s.Payload] {
				t.Error("another payload has the same id")
			}
		})
	}
}

// What fits is sent as it is.
func TestSendSegmentsFits(t *testing.T) {
	t.Parallel()
	p := newPier(t, "jobs")
	own := map[string]types.MessageAttributeValue{"own": text("x")} // 10 bytes
	for i, size := range []int{990, 991} {
		p.sent = nil
		m := producer.Message{Body: strings.Repeat("x", size), Attributes: own}
		results, err := payload.SendSegments(t.Context(), p.Producer, m, of(1000))
		if err != nil || len(results) != 1+i || len(p.sent) != 1+i {
			t.Fatalf("%d bytes: %v, %v", size, results, err)
		}
		if i == 0 && !reflect.DeepEqual(p.sent[0].Attributes, own) {
			t.Errorf("it is sent with %v", p.sent[0].Attributes)
		}
	}
	fifo := newPier(t, "jobs.fifo")
	if _, err := payload.SendSegments(t.Context(), fifo.Producer, producer.Message{Body: "x", Group: "g", DeduplicationID: "d"}); err != nil {
		t.Error(err)
	}
}

func TestSendSegmentsRefuses(t *testing.T) {
	t.Parallel()
	many := make(map[string]types.MessageAttributeValue)
	for i := range 10 {
		many[fmt.Sprint(i)] = text("x")
	}
	nine := maps.Clone(many)
	delete(nine, "9")
	large := strings.Repeat("x", 2000)
	for _, test := range []struct {
		name    string
		queue   string
		m       producer.Message
		options func(*payload.SegmentOptions)
		want    string // "": it is sent
	}{
		{"fifo, one part", "jobs.fifo", producer.Message{Body: large, Group: "g", DeduplicationID: "d"}, of(1000), ""},
		{"fifo", "jobs.fifo", producer.Message{Body: strings.Repeat(large, 525), Group: "g"}, of(1000), `"jobs.fifo" is a FIFO queue: it delivers no further message of a group`},
		{"total", "jobs", producer.Message{Body: large}, func(o *payload.SegmentOptions) { o.PartSize, o.MaxBytes = 1000, 1999 }, "2000 bytes, more than MaxBytes, 1999"},
		{"total as large", "jobs", producer.Message{Body: large}, func(o *payload.SegmentOptions) { o.PartSize, o.MaxBytes = 1000, 2000 }, ""},
		{"default total", "jobs", producer.Message{Body: strings.Repeat("x", 64<<20+1)}, nil, "more than MaxBytes, 67108864"},
		{"not text", "jobs", producer.Message{Body: large + "\xff"}, of(1000), "not UTF-8"},
		{"control", "jobs", producer.Message{Body: large + "\x00"}, of(1000), "control characters"},
		{"ten", "jobs", producer.Message{Body: large, Attributes: many}, of(1000), "has 10 attributes, want at most 9"},
		{"nine and type", "jobs", producer.Message{Body: large, Attributes: nine, Type: "t"}, of(1000), "has 10 attributes, want at most 9"},
		{"nine", "jobs", producer.Message{Body: large, Attributes: nine}, of(1000), ""},
		{"large attributes", "jobs", producer.Message{Body: large, Attributes: map[string]types.MessageAttributeValue{"a": text(large)}}, of(2500), "the attributes leave"},
		{"too small a part", "jobs", producer.Message{Body: large}, of(100), "the attributes leave"},
		{"too many", "jobs", producer.Message{Body: strings.Repeat("x", 4_000_000)}, of(500), "parts, more than 10000"},
		{"part size", "jobs", producer.Message{Body: "x"}, of(1<<20 + 1), "a PartSize of 1048577"},
		{"negative part size", "jobs", producer.Message{Body: "x"}, of(-1), "a PartSize of -1"},
		{"negative total", "jobs", producer.Message{Body: "x"}, func(o *payload.SegmentOptions) { o.MaxBytes = -1 }, "a MaxBytes of -1"},
		{"reserved", "jobs", producer.Message{Body: "x", Attributes: map[string]types.MessageAttributeValue{"Quayside.Segment": text("x")}}, nil, "Quayside.Segment, which is reserved"},
		{"empty", "jobs", producer.Message{}, nil, "the body is empty"},
		{"not JSON", "jobs", producer.JSON(func() {}), nil, "encode body"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPier(t, test.queue)
			results, err := payload.SendSegments(t.Context(), p.Producer, test.m, test.options)
			switch {
			case test.want == "" && err != nil, test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("SendSegments = %v, want %q", err, test.want)
			case err != nil && (len(p.sent) > 1 || len(results) > 1):
				t.Errorf("%d messages are on their way; results %v", len(p.sent), results)
			}
		})
	}
}

// If the first part is not sent, none is; if another is not, the error says so.
func TestSendSegmentsFails(t *testing.T) {
	t.Parallel()
	oops := errors.New("oops")
	m := producer.Message{Body: strings.Repeat("x", 3000)}
	for refused, want := range []string{"the first of 4 parts was not sent, and so none: ", "1 of 4 parts not sent; the others stay in the queue and cannot be joined, "} {
		p := newPier(t, "jobs")
		p.refuses = func(n int) error {
			if n == refused {
				return oops
			}
			return nil
		}
		results, err := payload.SendSegments(t.Context(), p.Producer, m, of(1000))
		if !errors.Is(err, oops) || !strings.HasPrefix(err.Error(), "payload: "+want) || len(results) != 4 {
			t.Errorf("SendSegments = %v, want %q", err, want)
		}
		for i, r := range results {
			if failed := refused == 0 || i == 1; failed != (r.Err != nil) {
				t.Errorf("part %d is %+v", i, r)
			}
		}
		url, err := p.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: new("jobs")})
		if err != nil {
			t.Fatal(err)
		}
		out, err := p.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url.QueueUrl, MaxNumberOfMessages: 10})
		if want := []int{0, 3}[refused]; err != nil || len(out.Messages) != want {
			t.Errorf("%d messages in the queue, want %d; %v", len(out.Messages), want, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := newPier(t, "jobs")
	if _, err := payload.SendSegments(ctx, p.Producer, m, of(1000)); !errors.Is(err, context.Canceled) {
		t.Errorf("SendSegments = %v", err)
	}
}
