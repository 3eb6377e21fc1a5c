package foreign_test

import (
	"math/big"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func (c *goClient) fifo() {
	url := c.create("fifo.fifo", map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true"})
	send := func(group, body string, id *string) *sqs.SendMessageOutput {
		c.Helper()
		out, err := c.sqs.SendMessage(c.ctx, &sqs.SendMessageInput{
			QueueUrl: url, MessageBody: &body, MessageGroupId: &group, MessageDeduplicationId: id,
		})
		c.ok(err)
		return out
	}
	once := aws.String("once")
	one := send("g1", "1", nil)
	numbers := []*string{one.SequenceNumber}
	for _, body := range []string{"2", "3"} {
		numbers = append(numbers, send("g1", body, nil).SequenceNumber)
	}
	numbers = append(numbers, send("g2", "x", nil).SequenceNumber)
	y := send("g2", "y", once)
	c.rising(append(numbers, y.SequenceNumber))
	again := send("g1", "1", nil)
	equal(c, "id of a duplicate by content", *again.MessageId, *one.MessageId)
	equal(c, "number of a duplicate by content", *again.SequenceNumber, *one.SequenceNumber)
	equal(c, "id of a duplicate by id", *send("g2", "z", once).MessageId, *y.MessageId)

	out, err := c.sqs.ReceiveMessage(c.ctx, &sqs.ReceiveMessageInput{
		QueueUrl: url, MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	c.ok(err)
	equal(c, "first", bodies(out.Messages), "1")
	first := out.Messages[0]
	equal(c, "its group", first.Attributes["MessageGroupId"], "g1")
	equal(c, "its number", first.Attributes["SequenceNumber"], *one.SequenceNumber)
	equal(c, "its deduplication id", first.Attributes["MessageDeduplicationId"],
		"6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b")
	others := c.take(url)
	equal(c, "while g1 is locked", bodies(others), "x, y")
	equal(c, "deduplication id of y", others[1].Attributes["MessageDeduplicationId"], "once")
	equal(c, "while both groups are locked", bodies(c.take(url)), "")
	_, err = c.sqs.DeleteMessage(c.ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: first.ReceiptHandle})
	c.ok(err)
	equal(c, "after the first was deleted", bodies(c.take(url)), "2, 3")

	var entries []types.SendMessageBatchRequestEntry
	for _, id := range []string{"a", "b", "c"} {
		entries = append(entries, types.SendMessageBatchRequestEntry{Id: &id, MessageBody: &id, MessageGroupId: aws.String("g3")})
	}
	batch, err := c.sqs.SendMessageBatch(c.ctx, &sqs.SendMessageBatchInput{QueueUrl: url, Entries: entries})
	c.ok(err)
	numbers = nil
	for _, e := range batch.Successful {
		numbers = append(numbers, e.SequenceNumber)
	}
	c.rising(numbers)
	equal(c, "order of a batch", bodies(c.take(url)), "a, b, c")
}

// rising fails the step unless the numbers, which have 20 digits, rise strictly.
func (c *goClient) rising(numbers []*string) {
	c.Helper()
	last := new(big.Int)
	for i, text := range numbers {
		n, ok := new(big.Int).SetString(aws.ToString(text), 10)
		if !ok || i > 0 && n.Cmp(last) <= 0 {
			c.Fatalf("sequence numbers %q do not rise", aws.ToStringSlice(numbers))
		}
		last = n
	}
}
