package eventsource_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// TestEvent sends messages of all kinds and looks at them with the types of aws-lambda-go.
func TestEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "jobs.fifo -> dead.fifo")
		if _, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{
			QueueUrl: aws.String("jobs.fifo"), MessageBody: aws.String("<a & \"b\"> \u2028 é\n"),
			MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("d"),
			MessageAttributes: map[string]types.MessageAttributeValue{
				"text":   {DataType: aws.String("String"), StringValue: aws.String("x")},
				"number": {DataType: aws.String("Number.int"), StringValue: aws.String("7")},
				"bytes":  {DataType: aws.String("Binary"), BinaryValue: []byte{0, 1, 255}},
			},
			MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{
				"AWSTraceHeader": {DataType: aws.String("String"), StringValue: aws.String("Root=1-5759e988-bd862e3fe1be46a994272793")},
			},
		}); err != nil {
			t.Fatal(err)
		}
		var got []events.SQSMessage
		f := newFake(2, func(_ context.Context, e events.SQSEvent) ([]byte, error) {
			got = append(got, e.Records...)
			return failing(e.Records[0].MessageId), nil
		})
		stop := run(t, open(t, q, "jobs.fifo"), f)
		time.Sleep(3 * time.Minute) // five receives
		stop()
		stop = run(t, open(t, q, "dead.fifo"), f)
		synctest.Wait()
		stop()
		if len(got) != 6 {
			t.Fatalf("%d receives, want five and one from the dead-letter queue", len(got))
		}
		for i, m := range got {
			if m.Body != "<a & \"b\"> \u2028 é\n" || m.MessageId == "" || m.ReceiptHandle == "" || m.EventSource != "aws:sqs" || m.AWSRegion != "us-east-1" {
				t.Errorf("%d: %+v", i, m)
			}
			a := m.MessageAttributes
			if *a["text"].StringValue != "x" || a["number"].DataType != "Number.int" || string(a["bytes"].BinaryValue) != "\x00\x01\xff" || len(a) != 3 {
				t.Errorf("%d: attributes %+v", i, a)
			}
			if len(m.Md5OfBody) != 32 || len(m.Md5OfMessageAttributes) != 32 {
				t.Errorf("%d: MD5s %q, %q", i, m.Md5OfBody, m.Md5OfMessageAttributes)
			}
			want, arn := "AWSTraceHeader ApproximateFirstReceiveTimestamp ApproximateReceiveCount MessageDeduplicationId MessageGroupId SenderId SentTimestamp SequenceNumber", "arn:aws:sqs:us-east-1:000000000000:jobs.fifo"
			if i == 5 {
				want, arn = strings.Replace(want, "MessageDed", "DeadLetterQueueSourceArn MessageDed", 1), strings.Replace(arn, "jobs", "dead", 1)
			}
			if names := strings.Join(slices.Sorted(maps.Keys(m.Attributes)), " "); names != want || m.EventSourceARN != arn {
				t.Errorf("%d: %s with %s", i, m.EventSourceARN, names)
			}
		}
	})
}
