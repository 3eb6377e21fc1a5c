package eventsource

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// TestPayloadText has an event to the letter.
func TestPayloadText(t *testing.T) {
	t.Parallel()
	q := Queue{ARN: "arn:aws:sqs:eu-west-1:123456789012:orders", Region: "eu-west-1"}
	var batch []message
	for _, m := range []types.Message{
		{
			MessageId: aws.String("id-1"), ReceiptHandle: aws.String("handle-1"), Body: aws.String(`<a href="x">&</a>`), MD5OfBody: aws.String("md5-1"),
			MD5OfMessageAttributes: aws.String("md5-2"),
			Attributes:             map[string]string{"SentTimestamp": "1", "ApproximateReceiveCount": "2"},
			MessageAttributes: map[string]types.MessageAttributeValue{
				"text":  {DataType: aws.String("String"), StringValue: aws.String("x")},
				"bytes": {DataType: aws.String("Binary"), BinaryValue: []byte{0, 1, 255}},
			},
		},
		{MessageId: aws.String("id-2"), ReceiptHandle: aws.String("handle-2"), Body: aws.String("b"), MD5OfBody: aws.String("md5-3")},
	} {
		g, err := q.message(m, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		batch = append(batch, g)
	}
	const tail = `"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:orders","awsRegion":"eu-west-1"}`
	want := `{"Records":[{"messageId":"id-1","receiptHandle":"handle-1","body":"<a href=\"x\">&</a>",` +
		`"attributes":{"ApproximateReceiveCount":"2","SentTimestamp":"1"},"messageAttributes":{` +
		`"bytes":{"binaryValue":"AAH/","stringListValues":[],"binaryListValues":[],"dataType":"Binary"},` +
		`"text":{"stringValue":"x","stringListValues":[],"binaryListValues":[],"dataType":"String"}},` +
		`"md5OfMessageAttributes":"md5-2","md5OfBody":"md5-1",` + tail + `,` +
		`{"messageId":"id-2","receiptHandle":"handle-2","body":"b","attributes":{},"messageAttributes":{},"md5OfBody":"md5-3",` + tail + `]}`
	if got := string(payload(batch)); got != want {
		t.Errorf("the event is\n%s\nwant\n%s", got, want)
	}
}
