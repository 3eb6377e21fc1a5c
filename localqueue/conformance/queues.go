package conformance

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const badName = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"

var queueCases = []testCase{
	{"queues/create-and-get-url", "1 name, URL", 0, func(c *checker) {
		q := c.queue("Orders_1-a")
		equal(c, "GetQueueUrl", c.urlOf(q.name, ""), q.url)
		equal(c, "GetQueueUrl with the owner's account", c.urlOf(q.name, q.account()), q.url)
	}},
	{"queues/url-and-arn", "1 URL / ARN", 0, func(c *checker) {
		q := c.queue("orders")
		arn := q.arn()
		if !regexp.MustCompile(`^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:` + q.name + `$`).MatchString(arn) {
			c.Errorf("QueueArn of %s: got %q, want arn:aws:sqs:<region>:<account>:<name>", q.name, arn)
		}
		if !strings.HasSuffix(q.url, "/"+q.account()+"/"+q.name) {
			c.Errorf("URL of %s: got %q, want it to end in /<account>/<name>", q.name, q.url)
		}
	}},
	{"queues/name-of-80", "1 name", 0, func(c *checker) {
		c.queue(strings.Repeat("a", 80-len(c.prefix)))
		c.queue(strings.Repeat("a", 75-len(c.prefix)) + ".fifo")
	}},
	{"queues/name-too-long", "1 name", 0, func(c *checker) {
		_, err := c.create(strings.Repeat("a", 81), nil)
		c.wantError(err, invalidParameter, c.emulated(badName))
		_, err = c.create(strings.Repeat("a", 76)+".fifo", map[string]string{"FifoQueue": "true"})
		c.wantError(err, invalidParameter, "")
	}},
	{"queues/name-with-bad-characters", "1 name", 0, func(c *checker) {
		for _, name := range []string{"a b", "a.b", "a/b", "a:b", "ä", "a+b", "a\n"} {
			_, err := c.create(name, nil)
			c.wantError(err, invalidParameter, c.emulated(badName))
		}
	}},
	{"queues/name-empty", "1 name", 0, func(c *checker) {
		_, err := c.create("", nil)
		c.wantError(err, invalidParameter, "")
	}},
	{"queues/name-case-sensitive", "1 name", 0, func(c *checker) {
		upper, lower := c.queue("Orders"), c.queue("orders")
		if upper.url == lower.url {
			c.Errorf("queues Orders and orders have one URL, %s", upper.url)
		}
	}},
	{"queues/fifo-without-suffix", "1 name", 0, func(c *checker) {
		_, err := c.tryQueue("orders", "FifoQueue", "true")
		c.wantError(err, invalidParameter, "")
	}},
	{"queues/suffix-without-fifo", "1 name", 0, func(c *checker) {
		_, err := c.create(c.name("orders.fifo"), nil)
		c.wantError(err, invalidParameter, "")
		_, err = c.tryQueue("orders.fifo", "FifoQueue", "false")
		c.wantError(err, invalidParameter, "")
	}},
	{"queues/bare-name-as-url", "1 URL / ARN", 0, func(c *checker) {
		q := c.queue("orders")
		(&queue{c: c, name: q.name, url: q.name}).send("hello")
		q.expect(1, "hello")
	}},
	{"queues/url-by-last-two-segments", "1 URL / ARN", Emulated, func(c *checker) {
		q := c.queue("orders")
		(&queue{c: c, name: q.name, url: "http://localhost:4566/some/path/" + q.account() + "/" + q.name}).send("hello")
		q.expect(1, "hello")
	}},
	{"queues/unresolvable-url", "1 URL / ARN", 0, func(c *checker) {
		for _, url := range []string{"no-such-queue", "https://queues.invalid/", "https://queues.invalid/no-such-queue"} {
			_, err := (&queue{c: c, url: url}).trySend("hello")
			c.wantError(err, nonExistentQueue, noSuchQueue)
		}
	}},
	{"queues/get-url-of-unknown", "1 URL / ARN", 0, func(c *checker) {
		_, err := c.client.GetQueueUrl(c.ctx, &sqs.GetQueueUrlInput{QueueName: new(c.name("nothing-here"))})
		c.wantError(err, nonExistentQueue, noSuchQueue)
	}},
	{"queues/get-url-of-other-account", "1 URL / ARN", Emulated, func(c *checker) {
		q := c.queue("orders")
		_, err := c.client.GetQueueUrl(c.ctx, &sqs.GetQueueUrlInput{QueueName: &q.name, QueueOwnerAWSAccountId: new(otherAccount(q))})
		c.wantError(err, nonExistentQueue, noSuchQueue)
	}},
	{"queues/get-url-with-empty-name", "1 URL / ARN", 0, func(c *checker) {
		_, err := c.client.GetQueueUrl(c.ctx, &sqs.GetQueueUrlInput{QueueName: new("")})
		c.wantError(err, invalidParameter, c.emulated("Value for parameter QueueName is invalid. Reason: Must specify a queue name."))
	}},
	{"queues/get-url-without-name", "1 URL / ARN", Lax, func(c *checker) {
		_, err := c.client.GetQueueUrl(c.ctx, &sqs.GetQueueUrlInput{})
		c.wantError(err, invalidParameter, c.emulated("Value for parameter QueueName is invalid. Reason: Must specify a queue name."))
	}},
	{"queues/send-without-url", "1 non-existent queue", Lax, func(c *checker) {
		_, err := c.client.SendMessage(c.ctx, &sqs.SendMessageInput{MessageBody: new("hello")})
		c.wantError(err, nonExistentQueue, noSuchQueue)
	}},

	{"queues/create-again-alike", "1 CreateQueue idempotence", 0, func(c *checker) {
		q := c.queue("orders", "DelaySeconds", "5", "VisibilityTimeout", "60")
		for _, attributes := range [][]string{
			{"DelaySeconds", "5", "VisibilityTimeout", "60"}, // all
			{"VisibilityTimeout", "60"},                      // a subset
			{},                                               // none
			{"MaximumMessageSize", "1048576"},                // a default that was never given
		} {
			again := c.queue("orders", attributes...)
			equal(c, "URL of the queue created again", again.url, q.url)
		}
	}},
	{"queues/create-again-fifo", "1 CreateQueue idempotence", 0, func(c *checker) {
		q := c.queue("orders.fifo", "ContentBasedDeduplication", "true")
		equal(c, "URL of the queue created again", c.queue("orders.fifo", "ContentBasedDeduplication", "TRUE").url, q.url)
		_, err := c.tryQueue("orders.fifo", "ContentBasedDeduplication", "false")
		c.wantError(err, queueAlreadyExists, "A queue already exists with the same name and a different value for attribute ContentBasedDeduplication")
	}},
	{"queues/create-again-different", "1 CreateQueue idempotence", 0, func(c *checker) {
		c.queue("orders", "VisibilityTimeout", "60")
		_, err := c.tryQueue("orders", "VisibilityTimeout", "61")
		c.wantError(err, queueAlreadyExists, "A queue already exists with the same name and a different value for attribute VisibilityTimeout")
		_, err = c.tryQueue("orders", "VisibilityTimeout", "60", "DelaySeconds", "1")
		c.wantError(err, queueAlreadyExists, "A queue already exists with the same name and a different value for attribute DelaySeconds")
	}},
	{"queues/create-again-after-set", "1 CreateQueue idempotence", Exact, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "60")
		q.set("VisibilityTimeout", "61")
		_, err := c.tryQueue("orders", "VisibilityTimeout", "60")
		c.wantError(err, queueAlreadyExists, "A queue already exists with the same name and a different value for attribute VisibilityTimeout")
		equal(c, "URL of the queue created again", c.queue("orders", "VisibilityTimeout", "61").url, q.url)
	}},
	{"queues/create-again-with-messages", "1 CreateQueue idempotence", Exact, func(c *checker) {
		q := c.queue("orders", "DelaySeconds", "0")
		q.send("hello")
		equal(c, "URL of the queue created again", c.queue("orders", "DelaySeconds", "0").url, q.url)
		q.expect(1, "hello")
	}},
	{"queues/create-again-other-tags", "1 CreateQueue idempotence", Emulated, func(c *checker) {
		name := c.name("orders")
		create := func(tag string) string {
			out, err := c.client.CreateQueue(c.ctx, &sqs.CreateQueueInput{QueueName: &name, Tags: map[string]string{"team": tag}})
			return deref(ok(c, out, err).QueueUrl)
		}
		equal(c, "URL of the queue created again", create("red"), create("blue"))
	}},
	{"queues/create-refused-leaves-nothing", "1 CreateQueue idempotence", 0, func(c *checker) {
		_, err := c.tryQueue("orders", "VisibilityTimeout", "43201")
		c.wantError(err, invalidAttribute, "Invalid value for the parameter VisibilityTimeout.")
		_, err = c.client.GetQueueUrl(c.ctx, &sqs.GetQueueUrlInput{QueueName: new(c.name("orders"))})
		c.wantError(err, nonExistentQueue, noSuchQueue)
	}},

	{"queues/delete", "1 DeleteQueue", Exact, func(c *checker) {
		q := c.queue("orders")
		q.fill(3, "m") // whatever the contents
		q.receive(1)
		c.do(q.tryDeleteQueue())
		_, err := q.trySend("hello")
		c.wantError(err, nonExistentQueue, noSuchQueue)
		_, err = c.client.GetQueueUrl(c.ctx, &sqs.GetQueueUrlInput{QueueName: &q.name})
		c.wantError(err, nonExistentQueue, noSuchQueue)
		equal(c, "queues listed", strings.Join(c.list(q.name), " "), "")
		c.wantError(q.tryDeleteQueue(), nonExistentQueue, noSuchQueue)
	}},
	{"queues/create-after-delete", "1 DeleteQueue", 0, func(c *checker) {
		q := c.queue("orders")
		c.do(q.tryDeleteQueue())
		_, err := c.tryQueue("orders")
		c.wantError(err, queueDeletedRecently, "You must wait 60 seconds after deleting a queue before you can create another with the same name.")
		c.queue("other")
	}},
	{"queues/create-60s-after-delete", "1 DeleteQueue", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "5")
		q.send("old")
		c.do(q.tryDeleteQueue())
		c.sleep(time.Minute - 1)
		_, err := c.tryQueue("orders")
		c.wantError(err, queueDeletedRecently, "You must wait 60 seconds after deleting a queue before you can create another with the same name.")
		c.sleep(1)
		q = c.queue("orders")
		q.wantAttribute("VisibilityTimeout", "30")
		q.none()
	}},
	{"queues/timestamps", "1 attributes", Virtual | Exact, func(c *checker) {
		created := strconv.FormatInt(time.Now().Unix(), 10)
		q := c.queue("orders")
		q.wantAttribute("CreatedTimestamp", created)
		q.wantAttribute("LastModifiedTimestamp", created)
		c.sleep(90*time.Second + time.Millisecond)
		q.set("DelaySeconds", "1")
		q.send("hello") // no modification of the queue
		q.wantAttribute("CreatedTimestamp", created)
		q.wantAttribute("LastModifiedTimestamp", strconv.FormatInt(time.Now().Unix(), 10))
	}},
}

// otherAccount is an account id that is not the queue's.
func otherAccount(q *queue) string {
	if q.account() == "999999999999" {
		return "888888888888"
	}
	return "999999999999"
}

func (c *checker) urlOf(name, account string) string {
	c.Helper()
	in := &sqs.GetQueueUrlInput{QueueName: &name}
	if account != "" {
		in.QueueOwnerAWSAccountId = &account
	}
	out, err := c.client.GetQueueUrl(c.ctx, in)
	return deref(ok(c, out, err).QueueUrl)
}

// unknownQueueCases has a case for every action that names a queue by its URL.
// The handles are malformed on purpose: a missing queue is reported first.
func unknownQueueCases() []testCase {
	type actionFunc func(ctx context.Context, cl Client, url *string) error
	actions := []struct {
		name string
		call actionFunc
	}{
		{"AddPermission", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.AddPermission(ctx, &sqs.AddPermissionInput{QueueUrl: url, Label: new("l"), AWSAccountIds: []string{"123456789012"}, Actions: []string{"SendMessage"}})
			return err
		}},
		{"ChangeMessageVisibility", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: new("bad")})
			return err
		}},
		{"ChangeMessageVisibilityBatch", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: url, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{{Id: new("a"), ReceiptHandle: new("bad")}}})
			return err
		}},
		{"DeleteMessage", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: new("bad")})
			return err
		}},
		{"DeleteMessageBatch", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: url, Entries: []types.DeleteMessageBatchRequestEntry{{Id: new("a"), ReceiptHandle: new("bad")}}})
			return err
		}},
		{"DeleteQueue", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: url})
			return err
		}},
		{"GetQueueAttributes", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"}})
			return err
		}},
		{"ListDeadLetterSourceQueues", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.ListDeadLetterSourceQueues(ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: url})
			return err
		}},
		{"ListQueueTags", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: url})
			return err
		}},
		{"PurgeQueue", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: url})
			return err
		}},
		{"ReceiveMessage", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url})
			return err
		}},
		{"RemovePermission", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.RemovePermission(ctx, &sqs.RemovePermissionInput{QueueUrl: url, Label: new("l")})
			return err
		}},
		{"SendMessage", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: new("hello")})
			return err
		}},
		{"SendMessageBatch", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: url, Entries: []types.SendMessageBatchRequestEntry{entry("a", "hello")}})
			return err
		}},
		{"SetQueueAttributes", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"DelaySeconds": "1"}})
			return err
		}},
		{"TagQueue", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: url, Tags: map[string]string{"a": "b"}})
			return err
		}},
		{"UntagQueue", func(ctx context.Context, cl Client, url *string) error {
			_, err := cl.UntagQueue(ctx, &sqs.UntagQueueInput{QueueUrl: url, TagKeys: []string{"a"}})
			return err
		}},
	}
	var cases []testCase
	for _, a := range actions {
		cases = append(cases, testCase{"queues/unknown-queue-" + a.name, "1 non-existent queue", 0, func(c *checker) {
			q := c.queue("here")
			url := strings.TrimSuffix(q.url, "here") + "not-here"
			c.wantError(a.call(c.ctx, c.client, &url), nonExistentQueue, noSuchQueue)
		}})
	}
	return cases
}
