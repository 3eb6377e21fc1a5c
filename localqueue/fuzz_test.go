package localqueue_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// reading cuts fuzz input into values. Where the input ends everything is zero.
type reading struct{ b []byte }

func (r *reading) byte() byte {
	if len(r.b) == 0 {
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *reading) int() int32 {
	n := int32(int8(r.byte()))
	if n == -1 {
		return int32(r.byte())<<16 | int32(r.byte())<<8
	}
	return n
}

// text is one of the words that calls are about, or whatever the input holds.
func (r *reading) text(words ...string) *string {
	n := int(r.byte())
	switch {
	case n == 255:
		return nil
	case n < len(words):
		return &words[n]
	}
	size := min(n%40, len(r.b))
	s := string(r.b[:size])
	r.b = r.b[size:]
	return &s
}

func (r *reading) word(words ...string) string {
	if p := r.text(words...); p != nil {
		return *p
	}
	return ""
}

var attributeWords = []string{"VisibilityTimeout", "DelaySeconds", "RedrivePolicy", "RedriveAllowPolicy", "Policy", "FifoQueue",
	"ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit", "KmsMasterKeyId", "SqsManagedSseEnabled", "MaximumMessageSize", "All"}

func (r *reading) attributes() map[string]string {
	m := map[string]string{}
	for range int(r.byte()) % 4 {
		m[r.word(attributeWords...)] = r.word("0", "30", "true", "", "queue", "messageGroup", "perMessageGroupId",
			`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:a","maxReceiveCount":1}`,
			`{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:a"]}`,
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*"}]}`)
	}
	return m
}

func (r *reading) messageAttributes() map[string]types.MessageAttributeValue {
	m := map[string]types.MessageAttributeValue{}
	for range int(r.byte()) % 4 {
		v := types.MessageAttributeValue{DataType: r.text("String", "Number", "Binary", "Number.int"), StringValue: r.text("1", "1e5", "x")}
		if r.byte()%2 == 0 {
			v.BinaryValue = []byte(r.word("y"))
		}
		m[r.word("name", "other")] = v
	}
	return m
}

// FuzzActions makes calls of anything with anything. Each answers, or refuses with
// an error of SQS's; none panics.
func FuzzActions(f *testing.F) {
	f.Add([]byte("\x00\x00\x02\x00\x00\x03\x01\x05hello"))
	f.Add([]byte{0, 1, 0, 4, 0, 3, 2, 0, 1, 5, 'h', 'e', 'l', 'l', 'o', 9, 9, 9, 7, 7, 1, 2, 3, 255, 255, 4})
	f.Add([]byte("\x01\x00\x01EReceiveMessageWaitTimeSeconds*20\x05\x00\x00\x00\xff\x00\x00"))
	f.Fuzz(func(t *testing.T, input []byte) {
		synctest.Test(t, func(t *testing.T) { // a queue may be set to have receives wait
			s := localqueue.New(func(o *localqueue.Options) { o.NoCooldown = true })
			defer s.Close()
			s.MustCreate("a", "b.fifo")
			r := &reading{input}
			handles := []string{"AQEB"}
			for len(r.b) > 0 {
				if err := anyAction(s, r, &handles); err != nil && code(err) == "" {
					t.Fatalf("not an error of SQS: %v", err)
				}
			}
		})
	})
}

func anyAction(s *localqueue.Server, r *reading, handles *[]string) (err error) {
	ctx := context.Background()
	which, queue := r.byte()%16, r.text("a", "b.fifo", "c", "http://localhost/000000000000/a")
	arn := []string{"arn:aws:sqs:us-east-1:000000000000:a", "arn:aws:sqs:us-east-1:000000000000:b.fifo"}
	switch which {
	case 0:
		_, err = s.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: queue, Attributes: r.attributes(), Tags: map[string]string{r.word("k"): r.word("v")}})
	case 1:
		_, err = s.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: queue, Attributes: r.attributes()})
	case 2, 3, 4:
		_, err = s.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: queue, MessageBody: r.text("body"), DelaySeconds: r.int(),
			MessageGroupId: r.text("g", "h"), MessageDeduplicationId: r.text("d", "e"), MessageAttributes: r.messageAttributes()})
	case 5, 6:
		var out *sqs.ReceiveMessageOutput
		out, err = s.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue, MaxNumberOfMessages: r.int(), VisibilityTimeout: r.int(),
			ReceiveRequestAttemptId: r.text("x"), MessageAttributeNames: []string{r.word("All", "na.*")},
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeName(r.word("All"))}})
		if err == nil {
			for _, m := range out.Messages {
				*handles = append(*handles, *m.ReceiptHandle)
			}
		}
	case 7:
		_, err = s.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: r.text(*handles...)})
	case 8:
		_, err = s.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: queue, ReceiptHandle: r.text(*handles...), VisibilityTimeout: r.int()})
	case 9:
		_, err = s.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: queue, Entries: []types.SendMessageBatchRequestEntry{
			{Id: r.text("1"), MessageBody: r.text("x"), MessageGroupId: r.text("g")}, {Id: r.text("1", "2"), MessageBody: r.text("y")}}})
	case 10:
		_, err = s.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: queue, Entries: []types.DeleteMessageBatchRequestEntry{
			{Id: r.text("1"), ReceiptHandle: r.text(*handles...)}, {Id: r.text("1", "2"), ReceiptHandle: r.text(*handles...)}}})
	case 11:
		_, err = s.AddPermission(ctx, &sqs.AddPermissionInput{QueueUrl: queue, Label: r.text("l"), AWSAccountIds: []string{r.word("123456789012")}, Actions: []string{r.word("*", "SendMessage")}})
	case 12:
		_, err = s.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: r.text(arn...), DestinationArn: r.text(arn...)})
	case 13:
		_, err = s.CancelMessageMoveTask(ctx, &sqs.CancelMessageMoveTaskInput{TaskHandle: r.text("eyJ0YXNrSWQiOiJ4Iiwic291cmNlQXJuIjoieSJ9")})
	case 14:
		n := r.int()
		_, err = s.ListQueues(ctx, &sqs.ListQueuesInput{QueueNamePrefix: r.text(""), MaxResults: &n, NextToken: r.text("")})
	case 15:
		_, err = s.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: queue, AttributeNames: []types.QueueAttributeName{types.QueueAttributeName(r.word(attributeWords...))}})
	}
	return err
}
