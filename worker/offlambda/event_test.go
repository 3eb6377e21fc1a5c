package offlambda_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
	"github.com/quayside-go/quayside/worker/offlambda"
)

// message returns a message of a queue as a worker would have it.
func message(t *testing.T, url string, in types.Message) *worker.Message {
	t.Helper()
	h, err := worker.NewHost(nil, url, worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil }), worker.HostOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return h.Open(t.Context()).Message(in, time.Now())
}

func TestSourceOfRecords(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://sqs.eu-west-1.amazonaws.com/123456789012/jobs":               "arn:aws:sqs:eu-west-1:123456789012:jobs",
		"https://sqs.cn-north-1.amazonaws.com.cn/123456789012/jobs":           "arn:aws-cn:sqs:cn-north-1:123456789012:jobs",
		"https://sqs-fips.us-gov-west-1.amazonaws.com/123456789012/jobs":      "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:jobs",
		"https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com/123456789012/a.fifo": "arn:aws:sqs:eu-west-1:123456789012:a.fifo",
		"https://eu-west-1.queue.amazonaws.com/123456789012/jobs":             "arn:aws:sqs:eu-west-1:123456789012:jobs",
		"https://queue.amazonaws.com/123456789012/jobs":                       "arn:aws:sqs:us-east-1:123456789012:jobs",
		"http://127.0.0.1:9324/000000000000/jobs":                             "arn:aws:sqs:us-east-1:000000000000:jobs",
		"http://proxy/jobs": "arn:aws:sqs:us-east-1::jobs",
	} {
		var got events.SQSMessage
		fn := func(e events.SQSEvent) { got = e.Records[0] }
		m := message(t, url, types.Message{MessageId: new("1"), Body: new("b")})
		if err := offlambda.Handler(fn).Handle(t.Context(), m); err != nil || got.EventSourceARN != want || got.AWSRegion != strings.Split(want, ":")[3] {
			t.Errorf("%s: %+v, %v; want %s", url, got, err, want)
		}
		given := "arn:aws:sqs:eu-north-1:1:tasks"
		if err := offlambda.Handler(fn, func(o *offlambda.Options) { o.QueueARN = given }).Handle(t.Context(), m); err != nil || got.EventSourceARN != given || got.AWSRegion != "eu-north-1" {
			t.Errorf("%+v, %v; want %s", got, err, given)
		}
	}
}

// A function sees what middleware has made of a message.
func TestChangedMessages(t *testing.T) {
	t.Parallel()
	m := message(t, "jobs", types.Message{MessageId: new("1"), Body: new("packed"), MD5OfBody: new("0"), MessageAttributes: map[string]types.MessageAttributeValue{}})
	m.Body = `<&> "hello"`
	m.Attributes = map[string]types.MessageAttributeValue{"b": {DataType: new("Binary"), BinaryValue: []byte{0, 1}}}
	var got json.RawMessage
	if err := offlambda.Handler(func(e struct{ Records []json.RawMessage }) { got = e.Records[0] }).Handle(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	want := `{"messageId":"1","receiptHandle":"","body":"<&> \"hello\"","attributes":{},` +
		`"messageAttributes":{"b":{"binaryValue":"AAE=","stringListValues":[],"binaryListValues":[],"dataType":"Binary"}},` +
		`"md5OfBody":"aa6f48798e7e48251769a6ba0b7060aa","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-1::jobs","awsRegion":"us-east-1"}`
	if string(got) != want {
		t.Errorf("the record is\n%s\nwant\n%s", got, want)
	}
}

// On a worker: full events, partial responses, and a drain that gives back what it interrupts.
func TestOnAWorker(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("jobs -> jobs-dlq")
		for i := range 7 {
			send(t, q, "jobs", fmt.Sprint(i))
		}
		var mu sync.Mutex
		var sizes []int
		var outcomes []string
		fn := func(ctx context.Context, e events.SQSEvent) (r events.SQSEventResponse, err error) {
			mu.Lock()
			sizes = append(sizes, len(e.Records))
			mu.Unlock()
			for _, one := range e.Records {
				if one.Body == "2" && one.Attributes["ApproximateReceiveCount"] == "1" {
					r.BatchItemFailures = append(r.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: one.MessageId})
				}
				if one.Body == "stuck" {
					<-ctx.Done()
					return r, ctx.Err()
				}
			}
			return r, nil
		}
		ctx, stop := context.WithCancel(t.Context())
		w := worker.New(q, "jobs", offlambda.Handler(fn, func(o *offlambda.Options) { o.BatchSize, o.Window = 3, time.Second }), func(o *worker.Options) {
			o.Hook = func(_ context.Context, e worker.Event) {
				if e.Kind == worker.EventHandled {
					mu.Lock()
					defer mu.Unlock()
					outcomes = append(outcomes, string(e.Outcome))
				}
			}
			o.Policy.Retry = func(*worker.Message, error) time.Duration { return 10 * time.Second }
		})
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(time.Minute)
		mu.Lock()
		if want := []int{3, 3, 1, 1}; !slices.Equal(sizes, want) {
			t.Errorf("events of %v, want %v", sizes, want)
		}
		mu.Unlock()
		send(t, q, "jobs", "stuck")
		time.Sleep(time.Minute)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		slices.Sort(outcomes)
		if want := slices.Concat(slices.Repeat([]string{"done"}, 7), []string{"failed", "released"}); !slices.Equal(outcomes, want) {
			t.Errorf("outcomes %v, want %v", outcomes, want)
		}
	})
}

func send(t *testing.T, q *localqueue.Server, queue, body string) {
	t.Helper()
	url, err := q.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url.QueueUrl, MessageBody: &body}); err != nil {
		t.Fatal(err)
	}
}
