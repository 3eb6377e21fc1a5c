package foreign_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	// trickyBody has every character that SQS allows and that some codec mangles.
	trickyBody = " snow \u2603 \U0001f389 \"quoted\" 'single' back\\slash\r\n\tcr\ralone " +
		"<b a=\"1\">&amp; markup</b> ]]> \x7f \u0085 \u2028 \ufffd end\n"
	trickyMD5     = "e92b45721f8677b9a93f02f3bd42d864"
	attributesMD5 = "455c2442c2146192d9523d261d2c4ede"
	populationMD5 = "67ce8f99d78dd5ddbe20a247f2f98c12" // of population alone
	trace         = "Root=1-5759e988-bd862e3fe1be46a994272793"
	traceMD5      = "62a56dd927315f2b2e12832b84617ea5"
	forbiddenBody = "bell \x07"
)

// workedExample is what SQS's documentation computes an MD5 of.
var workedExample = map[string]types.MessageAttributeValue{
	"city":       {DataType: aws.String("String"), StringValue: aws.String("Any City")},
	"logo":       {DataType: aws.String("Binary.png"), BinaryValue: []byte{0x89, 0x50}},
	"population": {DataType: aws.String("Number.int"), StringValue: aws.String("1250800")},
}

// putEverything sends a message with all that a message can have.
func (c *goClient) putEverything(url *string) *sqs.SendMessageOutput {
	c.Helper()
	out, err := c.sqs.SendMessage(c.ctx, &sqs.SendMessageInput{
		QueueUrl: url, MessageBody: aws.String(trickyBody), MessageAttributes: workedExample,
		MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{
			"AWSTraceHeader": {DataType: aws.String("String"), StringValue: aws.String(trace)},
		},
	})
	c.ok(err)
	return out
}

func (c *goClient) send() {
	url := c.create("send", nil)
	out := c.putEverything(url)
	equal(c, "MD5 of the body", aws.ToString(out.MD5OfMessageBody), trickyMD5)
	equal(c, "MD5 of the attributes", aws.ToString(out.MD5OfMessageAttributes), attributesMD5)
	equal(c, "MD5 of the system attributes", aws.ToString(out.MD5OfMessageSystemAttributes), traceMD5)
	equal(c, "length of the id", len(aws.ToString(out.MessageId)), 36)
	plain := c.put(url, "plain")
	if plain.MD5OfMessageAttributes != nil || plain.MD5OfMessageSystemAttributes != nil || plain.SequenceNumber != nil {
		c.Errorf("a plain message has %+v", plain)
	}
}

func (c *goClient) batch() {
	url := c.create("batch", nil)
	var ids, want []string
	var entries []types.SendMessageBatchRequestEntry
	for i := range 10 {
		ids, want = append(ids, fmt.Sprint("id-", i)), append(want, fmt.Sprint("body ", i))
		entries = append(entries, types.SendMessageBatchRequestEntry{Id: &ids[i], MessageBody: &want[i]})
	}
	entries[3].MessageAttributes = workedExample
	out, err := c.sqs.SendMessageBatch(c.ctx, &sqs.SendMessageBatchInput{QueueUrl: url, Entries: entries})
	c.ok(err)
	if len(out.Successful) != 10 || len(out.Failed) != 0 {
		c.Fatalf("sent %d, failed %d", len(out.Successful), len(out.Failed))
	}
	for i, e := range out.Successful {
		equal(c, "id", *e.Id, ids[i])
		md5 := ""
		if i == 3 {
			md5 = attributesMD5
		}
		equal(c, "MD5 of attributes of "+*e.Id, aws.ToString(e.MD5OfMessageAttributes), md5)
	}

	out, err = c.sqs.SendMessageBatch(c.ctx, &sqs.SendMessageBatchInput{
		QueueUrl: url,
		Entries: []types.SendMessageBatchRequestEntry{
			{Id: aws.String("first"), MessageBody: aws.String("a")},
			{Id: aws.String("bad"), MessageBody: aws.String(forbiddenBody)},
			{Id: aws.String("last"), MessageBody: aws.String("b")},
		},
	})
	c.ok(err)
	equal(c, "sent beside a bad one", len(out.Successful), 2)
	c.failed(out.Failed, "bad", "InvalidMessageContents")

	var got []string
	for messages := c.take(url); len(messages) > 0; messages = c.take(url) {
		for _, m := range messages {
			got = append(got, *m.Body)
		}
	}
	slices.Sort(got)
	equal(c, "bodies", strings.Join(got, ","), "a,b,"+strings.Join(want, ","))
}

func (c *goClient) receive() {
	url := c.create("receive", map[string]string{"VisibilityTimeout": "0"})
	equal(c, "messages of an empty queue", len(c.take(url)), 0)
	sent := c.putEverything(url)
	m := c.takeOne(url, trickyBody)
	equal(c, "MD5 of the body", aws.ToString(m.MD5OfBody), trickyMD5)
	equal(c, "id", *m.MessageId, *sent.MessageId)
	equal(c, "MD5 of the attributes", aws.ToString(m.MD5OfMessageAttributes), attributesMD5)
	equal(c, "attributes", len(m.MessageAttributes), len(workedExample))
	for name, want := range workedExample {
		got := m.MessageAttributes[name]
		equal(c, name+"'s type", aws.ToString(got.DataType), *want.DataType)
		equal(c, name, aws.ToString(got.StringValue)+string(got.BinaryValue), aws.ToString(want.StringValue)+string(want.BinaryValue))
	}
	equal(c, "receive count", m.Attributes["ApproximateReceiveCount"], "1")
	equal(c, "trace header", m.Attributes["AWSTraceHeader"], trace)
	sentAt, err := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64)
	c.ok(err)
	if age := time.Since(time.UnixMilli(sentAt)); age.Abs() > 5*time.Minute {
		c.Errorf("sent %v ago", age)
	}
	for _, name := range []string{"SenderId", "ApproximateFirstReceiveTimestamp"} {
		if m.Attributes[name] == "" {
			c.Errorf("no %s", name)
		}
	}

	out, err := c.sqs.ReceiveMessage(c.ctx, &sqs.ReceiveMessageInput{
		QueueUrl: url, MessageAttributeNames: []string{"pop.*"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameSentTimestamp},
	})
	c.ok(err)
	m = out.Messages[0]
	equal(c, "system attributes by name", len(m.Attributes), 1)
	equal(c, "attributes by prefix", len(m.MessageAttributes), 1)
	equal(c, "MD5 of those returned", aws.ToString(m.MD5OfMessageAttributes), populationMD5)
	out, err = c.sqs.ReceiveMessage(c.ctx, &sqs.ReceiveMessageInput{QueueUrl: url})
	c.ok(err)
	if m = out.Messages[0]; m.Attributes != nil || m.MessageAttributes != nil || m.MD5OfMessageAttributes != nil {
		c.Errorf("a message received without names has %+v", m)
	}
}

func (c *goClient) longpoll() {
	url := c.create("longpoll", nil)
	start := time.Now()
	out, err := c.sqs.ReceiveMessage(c.ctx, &sqs.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: 1})
	c.ok(err)
	if took := time.Since(start); took < time.Second || len(out.Messages) > 0 {
		c.Errorf("got %d messages after %v", len(out.Messages), took)
	}

	const lead = 300 * time.Millisecond // for the receive to be there first
	sent := make(chan error)
	start = time.Now()
	time.AfterFunc(lead, func() {
		_, err := c.sqs.SendMessage(c.ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("awake")})
		sent <- err
	})
	out, err = c.sqs.ReceiveMessage(c.ctx, &sqs.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: 20})
	took := time.Since(start)
	c.ok(<-sent)
	c.ok(err)
	if len(out.Messages) != 1 || took > 18*time.Second {
		c.Errorf("woken after %v with %q", took, bodies(out.Messages))
	}
}

func (c *goClient) visibility() {
	url := c.create("visibility", nil)
	c.put(url, "seen")
	first := c.takeOne(url, "seen")
	equal(c, "receive count", first.Attributes["ApproximateReceiveCount"], "1")
	equal(c, "hidden messages", len(c.take(url)), 0)
	_, err := c.sqs.ChangeMessageVisibility(c.ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: first.ReceiptHandle})
	c.ok(err)
	second := c.takeOne(url, "seen")
	equal(c, "receive count after a change to 0", second.Attributes["ApproximateReceiveCount"], "2")
	out, err := c.sqs.ChangeMessageVisibilityBatch(c.ctx, &sqs.ChangeMessageVisibilityBatchInput{
		QueueUrl: url,
		Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
			{Id: aws.String("good"), ReceiptHandle: second.ReceiptHandle},
			{Id: aws.String("bad"), ReceiptHandle: aws.String("no-handle")},
		},
	})
	c.ok(err)
	equal(c, "changed by the batch", len(out.Successful), 1)
	c.failed(out.Failed, "bad", "ReceiptHandleIsInvalid")
	third := c.takeOne(url, "seen")
	equal(c, "receive count after the batch", third.Attributes["ApproximateReceiveCount"], "3")
}
