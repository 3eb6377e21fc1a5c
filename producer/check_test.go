package producer_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
)

// A message is refused without a request if, and only if, the queue would refuse it.
func TestChecksAreThoseOfTheQueue(t *testing.T) {
	t.Parallel()
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("orders")
	name := "jobs.fifo"
	if _, err := q.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{
		"FifoQueue": "true", "ContentBasedDeduplication": "true",
	}}); err != nil {
		t.Fatal(err)
	}
	refused := map[bool]int{}
	for seed := range uint64(6_000) {
		r := rand.New(rand.NewPCG(seed, 0))
		queue := []string{"orders", name}[r.IntN(2)]
		m := randomMessage(r, queue == name)
		local := producer.New(q, queue).Check(m)
		remote := ask(t, q, queue, m)
		if (local == nil) != (remote == "") {
			t.Errorf("seed %d: the producer says %v, %s says %q, about %.300q", seed, local, queue, remote, fmt.Sprintf("%+v", m))
		}
		refused[local != nil]++
	}
	if refused[true] < 1500 || refused[false] < 1500 {
		t.Errorf("of the messages %d were refused and %d taken, want many of both", refused[true], refused[false])
	}
}

// ask sends m, without the help of a producer, and returns why it is refused.
func ask(t *testing.T, q *localqueue.Server, queue string, m producer.Message) string {
	e := types.SendMessageBatchRequestEntry{
		Id: aws.String("0"), MessageBody: &m.Body, DelaySeconds: int32(m.Delay / time.Second), MessageAttributes: m.Attributes,
	}
	if m.Group != "" {
		e.MessageGroupId = &m.Group
	}
	if m.DeduplicationID != "" {
		e.MessageDeduplicationId = &m.DeduplicationID
	}
	if m.TraceHeader != "" {
		e.MessageSystemAttributes = map[string]types.MessageSystemAttributeValue{"AWSTraceHeader": {DataType: aws.String("String"), StringValue: &m.TraceHeader}}
	}
	out, err := q.SendMessageBatch(context.Background(), &sqs.SendMessageBatchInput{QueueUrl: &queue, Entries: []types.SendMessageBatchRequestEntry{e}})
	switch {
	case err != nil:
		return err.Error()
	case len(out.Failed) > 0:
		if !out.Failed[0].SenderFault {
			t.Errorf("%s is not the sender's fault", *out.Failed[0].Message)
		}
		return *out.Failed[0].Message
	}
	return ""
}

// randomMessage is mostly right, and wrong in one way or another.
func randomMessage(r *rand.Rand, fifo bool) producer.Message {
	m := producer.Message{Body: "body"}
	if fifo {
		m.Group = "g"
	}
	for range r.IntN(3) {
		switch r.IntN(8) {
		case 0:
			m.Body = randomText(r)
		case 1:
			if r.IntN(8) == 0 { // the queue keeps them
				m.Body = strings.Repeat("x", 1<<20+10-r.IntN(60))
			}
		case 2:
			m.Group = randomID(r)
		case 3:
			m.DeduplicationID = randomID(r)
		case 4:
			m.Delay = time.Duration([]int{0, 1, 900, 901, 5000}[r.IntN(5)]) * time.Second
		case 5:
			m.TraceHeader = randomText(r)
		default:
			m.Attributes = map[string]types.MessageAttributeValue{}
			for range 1 + r.IntN(3) + 9*r.IntN(2)*r.IntN(2) {
				m.Attributes[randomName(r)] = randomValue(r)
			}
		}
	}
	return m
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(6) {
		b.WriteString(pick(r, "a", "text", "\t\r\n", "é", "\u00a0", "😀", "\ufffd", "\ud7ff", "\ue000", "\U0010ffff", "\x7f", "\x00", "\x1f", "\ufffe", "\uffff", "\xff", "\xed\xa0\x80", "x"))
	}
	return b.String()
}

func randomID(r *rand.Rand) string {
	return pick(r, "", "g", "a-b", "!~", " ", "a b", "é", "\x7f", "\n", strings.Repeat("x", 128), strings.Repeat("x", 129), "tenant/1")
}

func randomName(r *rand.Rand) string {
	name := pick(r, "", "n", "N", "a.b", "a..b", ".a", "a.", "a b", "AWS.x", "aws.x", "Amazon.x", "Amazonas", "AWSome", "é", "日", "a/b", "_-", strings.Repeat("n", 256), strings.Repeat("n", 257))
	if r.IntN(2) == 0 {
		name = fmt.Sprint("n", r.IntN(1000))
	}
	return name
}

func randomValue(r *rand.Rand) (v types.MessageAttributeValue) {
	v = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String("v")}
	switch r.IntN(7) {
	case 0:
		v.DataType = aws.String(pick(r, "", "String", "string", "String.", "String.label", "Strings", "Number", "Number.int", "Binary", "Binary.png", "Float", "String.\x00", "String."+strings.Repeat("x", 249), "String."+strings.Repeat("x", 250)))
	case 1:
		v.StringValue = aws.String(randomText(r))
	case 2, 3:
		v = types.MessageAttributeValue{DataType: aws.String(pick(r, "Number", "Number.x")), StringValue: aws.String(randomNumber(r))}
	case 4:
		v = types.MessageAttributeValue{DataType: aws.String(pick(r, "Binary", "Binary.x", "String")), BinaryValue: make([]byte, r.IntN(3))}
	case 5:
		v = [...]types.MessageAttributeValue{
			{}, {StringValue: aws.String("v")}, {DataType: aws.String("String")}, {DataType: aws.String("Number")},
			{DataType: aws.String("String"), StringValue: aws.String("v"), BinaryValue: []byte("b")},
			{DataType: aws.String("String"), StringValue: aws.String("v"), StringListValues: []string{"v"}},
		}[r.IntN(6)]
	}
	return v
}

func randomNumber(r *rand.Rand) string {
	n := pick(r, "", "-", "+", "--") + pick(r, "", "0", "7", "00012300", strings.Repeat("9", 38), strings.Repeat("9", 39), "1"+strings.Repeat("0", 60), "x", "1_0")
	if r.IntN(2) == 0 {
		n += "." + pick(r, "", "0", "5", strings.Repeat("0", 127)+"1", strings.Repeat("0", 128)+"1")
	}
	if r.IntN(2) == 0 {
		n += pick(r, "e", "E") + pick(r, "", "+", "-", "--") + pick(r, "", "0", "1", "125", "126", "127", "128", "129", "99999", "1000000", "1.5")
	}
	return n
}

// What is wrong is told in terms of the message.
func TestCheckSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	standard, fifo := producer.New(&fake{}, byURL), producer.New(&fake{}, byURL+".fifo")
	with := func(name string, v types.MessageAttributeValue) producer.Message {
		return producer.Message{Body: "b", Attributes: map[string]types.MessageAttributeValue{name: v}}
	}
	text := types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String("v")}
	eleven := producer.Message{Body: "b", Type: "t", Attributes: map[string]types.MessageAttributeValue{}}
	for i := range 10 {
		eleven.Attributes[fmt.Sprint("n", i)] = text
	}
	for _, test := range []struct {
		p    *producer.Producer
		m    producer.Message
		want string
	}{
		{standard, producer.Message{}, "the body is empty"},
		{standard, producer.Message{Body: "ab\x00"}, "the body has the character U+0000, at byte 2, which SQS does not take"},
		{standard, producer.Message{Body: "caf\xe9"}, "the body is not UTF-8, at byte 3"},
		{standard, producer.Message{Body: "b", Group: "a b"}, `the Group "a b" has the character ' ', want letters, digits and punctuation marks of ASCII`},
		{fifo, producer.Message{Body: "b", Group: "g", DeduplicationID: strings.Repeat("x", 129)}, "the DeduplicationID has 129 characters, more than 128"},
		{fifo, producer.Message{Body: "b", Group: "g", Delay: time.Second}, "a Delay of 1s, which a FIFO queue does not take: it has one for all its messages"},
		{standard, producer.Message{Body: "b", DeduplicationID: "d"}, "a DeduplicationID, which only a FIFO queue takes"},
		{standard, producer.Message{Body: "b", TraceHeader: "\x01"}, "the TraceHeader has the character U+0001, at byte 0, which SQS does not take"},
		{standard, eleven, "11 attributes, the type's included, more than the 10 that SQS takes"},
		{standard, with("aws.x", text), `the attribute "aws.x" has a name that begins as those which SQS keeps to itself, AWS. or Amazon.`},
		{standard, with("a b", text), `the attribute "a b" has a name with the character ' ', want letters, digits, '_', '-' and '.'`},
		{standard, with("n", types.MessageAttributeValue{StringValue: aws.String("v")}), `the attribute "n" has no DataType`},
		{standard, with("n", types.MessageAttributeValue{DataType: aws.String("Binary"), StringValue: aws.String("v")}), `the attribute "n" has no BinaryValue, or an empty one`},
		{standard, with("n", types.MessageAttributeValue{DataType: aws.String("Number"), StringValue: aws.String("many")}), `the attribute "n" has the value "many", which is no number of up to 38 digits between 10^-128 and 10^126`},
	} {
		if err := test.p.Check(test.m); err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}
