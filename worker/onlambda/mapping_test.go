package onlambda_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// mapping is what AWS Lambda's event source mapping does, on a small scale: it receives
// messages of a queue, calls a function with an event of them, and deletes those that the
// response does not name.
type mapping struct {
	t     testing.TB
	q     *localqueue.Server
	queue string
	fn    any           // for lambda.Start
	limit time.Duration // the function's timeout; 0: none

	event    []byte // the last
	response []byte
	took     time.Duration
}

// record and attribute are those of Lambda's events, with the keys in Lambda's order.
type record struct {
	MessageID         string               `json:"messageId"`
	ReceiptHandle     string               `json:"receiptHandle"`
	Body              string               `json:"body"`
	Attributes        map[string]string    `json:"attributes"`
	MessageAttributes map[string]attribute `json:"messageAttributes"`
	MD5OfBody         string               `json:"md5OfBody"`
	EventSource       string               `json:"eventSource"`
	EventSourceARN    string               `json:"eventSourceARN"`
	Region            string               `json:"awsRegion"`
}

type attribute struct {
	StringValue      *string  `json:"stringValue,omitempty"`
	BinaryValue      []byte   `json:"binaryValue,omitempty"`
	StringListValues []string `json:"stringListValues"`
	BinaryListValues [][]byte `json:"binaryListValues"`
	DataType         string   `json:"dataType"`
}

// invoke calls the function with what a receive brings, and returns how many that were.
func (p *mapping) invoke() int {
	p.t.Helper()
	ctx := context.Background()
	url := urlOf(p.t, p.q, p.queue)
	out, err := p.q.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: url, MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	if len(out.Messages) > 0 {
		p.call(out.Messages)
	}
	return len(out.Messages)
}

// call calls the function with ms, and deletes those that are done.
func (p *mapping) call(ms []types.Message) {
	p.t.Helper()
	event := map[string][]record{"Records": {}}
	for _, m := range ms {
		event["Records"] = append(event["Records"], recordOf(m, p.queue))
	}
	p.event, _ = json.Marshal(event)
	ctx := context.Background()
	if p.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, p.limit)
		defer cancel()
	}
	start := time.Now()
	response, err := lambda.NewHandler(p.fn).Invoke(ctx, p.event)
	p.response, p.took = bytes.Clone(response), time.Since(start)
	if err != nil || ctx.Err() != nil {
		p.t.Logf("the function has failed: %v, %v", err, ctx.Err())
		return // all come again
	}
	failed := failures(p.t, response, ms)
	for _, m := range ms {
		if slices.Contains(failed, *m.MessageId) {
			continue
		}
		if _, err := p.q.DeleteMessage(context.Background(), &sqs.DeleteMessageInput{
			QueueUrl: urlOf(p.t, p.q, p.queue), ReceiptHandle: m.ReceiptHandle,
		}); err != nil {
			p.t.Error(err)
		}
	}
}

// failures returns what a response names. It must name what was in the event, once.
func failures(t testing.TB, response []byte, ms []types.Message) (ids []string) {
	t.Helper()
	var answer struct {
		Failures []struct {
			ID string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	d := json.NewDecoder(bytes.NewReader(response))
	d.DisallowUnknownFields()
	if err := d.Decode(&answer); err != nil || answer.Failures == nil {
		t.Errorf("the response is %s, %v", response, err)
	}
	for _, f := range answer.Failures {
		known := slices.ContainsFunc(ms, func(m types.Message) bool { return *m.MessageId == f.ID })
		if !known || slices.Contains(ids, f.ID) {
			t.Errorf("the response names %q, which is not in the event, or twice: %s", f.ID, response)
		}
		ids = append(ids, f.ID)
	}
	return ids
}

func recordOf(m types.Message, queue string) record {
	r := record{
		MessageID: *m.MessageId, ReceiptHandle: *m.ReceiptHandle, Body: *m.Body, MD5OfBody: *m.MD5OfBody,
		Attributes: m.Attributes, MessageAttributes: map[string]attribute{},
		EventSource: "aws:sqs", EventSourceARN: "arn:aws:sqs:us-east-1:000000000000:" + queue, Region: "us-east-1",
	}
	for name, v := range m.MessageAttributes {
		r.MessageAttributes[name] = attribute{v.StringValue, v.BinaryValue, []string{}, [][]byte{}, *v.DataType}
	}
	return r
}

func urlOf(t testing.TB, q *localqueue.Server, queue string) *string {
	t.Helper()
	out, err := q.GetQueueUrl(context.Background(), &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		t.Fatal(err)
	}
	return out.QueueUrl
}

// set sets attributes of a queue.
func set(t testing.TB, q *localqueue.Server, queue string, attributes map[string]string) {
	t.Helper()
	if _, err := q.SetQueueAttributes(context.Background(), &sqs.SetQueueAttributesInput{
		QueueUrl: urlOf(t, q, queue), Attributes: attributes,
	}); err != nil {
		t.Fatal(err)
	}
}

// redrive has a queue's messages moved to dead after n receives.
func redrive(t testing.TB, q *localqueue.Server, queue, dead string, n int) {
	t.Helper()
	arn := "arn:aws:sqs:us-east-1:000000000000:" + dead
	set(t, q, queue, map[string]string{"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, arn, n)})
}

// send sends bodies; on a FIFO queue each is "group:body".
func send(t testing.TB, q *localqueue.Server, queue string, bodies ...string) {
	t.Helper()
	for i, body := range bodies {
		in := &sqs.SendMessageInput{QueueUrl: urlOf(t, q, queue), MessageBody: &body}
		if group, _, ok := bytes.Cut([]byte(body), []byte(":")); ok && isFIFO(queue) {
			in.MessageGroupId = new(string(group))
			in.MessageDeduplicationId = new(fmt.Sprint(body, i))
		}
		if _, err := q.SendMessage(context.Background(), in); err != nil {
			t.Fatal(err)
		}
	}
}

func isFIFO(queue string) bool { return len(queue) > 5 && queue[len(queue)-5:] == ".fifo" }
