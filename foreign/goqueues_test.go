package foreign_test

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func (c *goClient) queues() {
	c.prefix += "queues-"
	a, b := c.create("a", nil), c.create("b", nil)
	got, err := c.sqs.GetQueueUrl(c.ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(c.prefix + "a")})
	c.ok(err)
	equal(c, "URL", *got.QueueUrl, *a)
	list, err := c.sqs.ListQueues(c.ctx, &sqs.ListQueuesInput{QueueNamePrefix: &c.prefix})
	c.ok(err)
	if want := []string{*a, *b}; !slices.Equal(list.QueueUrls, want) {
		c.Errorf("listed %q, want %q", list.QueueUrls, want)
	}
	pages := sqs.NewListQueuesPaginator(c.sqs, &sqs.ListQueuesInput{QueueNamePrefix: &c.prefix, MaxResults: aws.Int32(1)})
	var urls []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.ctx)
		c.ok(err)
		equal(c, "queues of a page", len(page.QueueUrls), 1)
		urls = append(urls, page.QueueUrls...)
	}
	if !slices.Equal(urls, list.QueueUrls) {
		c.Errorf("listed %q in pages, %q at once", urls, list.QueueUrls)
	}
	equal(c, "created again", *c.create("a", map[string]string{"VisibilityTimeout": "30"}), *a)
	_, err = c.sqs.CreateQueue(c.ctx, &sqs.CreateQueueInput{
		QueueName: aws.String(c.prefix + "a"), Attributes: map[string]string{"VisibilityTimeout": "31"},
	})
	if !errors.As(err, new(*types.QueueNameExists)) || code(err) != "QueueAlreadyExists" {
		c.Errorf("created again with another attribute: %v", err)
	}
}

func (c *goClient) attributes() {
	url := c.create("attributes", map[string]string{"MessageRetentionPeriod": "60"})
	_, err := c.sqs.SetQueueAttributes(c.ctx, &sqs.SetQueueAttributesInput{
		QueueUrl: url, Attributes: map[string]string{"VisibilityTimeout": "45"},
	})
	c.ok(err)
	some := c.get(url, types.QueueAttributeNameVisibilityTimeout, types.QueueAttributeNameMessageRetentionPeriod)
	if want := map[string]string{"VisibilityTimeout": "45", "MessageRetentionPeriod": "60"}; !maps.Equal(some, want) {
		c.Errorf("got %v, want %v", some, want)
	}
	all := c.get(url, types.QueueAttributeNameAll)
	if len(all) != 12 {
		c.Errorf("got %d attributes: %v", len(all), all)
	}
	if arn := all["QueueArn"]; !strings.HasPrefix(arn, "arn:aws:sqs:us-east-1:") || !strings.HasSuffix(arn, ":"+c.prefix+"attributes") {
		c.Errorf("ARN %q", arn)
	}
	created, err := strconv.ParseInt(all["CreatedTimestamp"], 10, 64)
	c.ok(err)
	if age := time.Since(time.Unix(created, 0)); age.Abs() > 5*time.Minute {
		c.Errorf("created %v ago", age)
	}

	for _, delay := range []int32{0, 0, 900} {
		_, err := c.sqs.SendMessage(c.ctx, &sqs.SendMessageInput{
			QueueUrl: url, MessageBody: aws.String("counted"), DelaySeconds: delay,
		})
		c.ok(err)
	}
	_, err = c.sqs.ReceiveMessage(c.ctx, &sqs.ReceiveMessageInput{QueueUrl: url})
	c.ok(err)
	equal(c, "counts", c.counts(url), "1 1 1")
}

func (c *goClient) get(url *string, names ...types.QueueAttributeName) map[string]string {
	c.Helper()
	out, err := c.sqs.GetQueueAttributes(c.ctx, &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: names})
	c.ok(err)
	return out.Attributes
}

// counts are the numbers of messages visible, in flight and delayed.
func (c *goClient) counts(url *string) string {
	c.Helper()
	const visible = types.QueueAttributeNameApproximateNumberOfMessages
	got := c.get(url, visible, visible+"NotVisible", visible+"Delayed")
	return got[string(visible)] + " " + got[string(visible+"NotVisible")] + " " + got[string(visible+"Delayed")]
}

func (c *goClient) tags() {
	out, err := c.sqs.CreateQueue(c.ctx, &sqs.CreateQueueInput{
		QueueName: aws.String(c.prefix + "tags"), Tags: map[string]string{"team": "a"},
	})
	c.ok(err)
	url := out.QueueUrl
	tags := map[string]string{"env": "dev & <test>", "empty": "", "team": "b"}
	_, err = c.sqs.TagQueue(c.ctx, &sqs.TagQueueInput{QueueUrl: url, Tags: tags})
	c.ok(err)
	list := func(want map[string]string) {
		c.Helper()
		got, err := c.sqs.ListQueueTags(c.ctx, &sqs.ListQueueTagsInput{QueueUrl: url})
		c.ok(err)
		if !maps.Equal(got.Tags, want) {
			c.Errorf("tags %v, want %v", got.Tags, want)
		}
	}
	list(tags)
	for _, step := range []struct {
		remove []string
		left   map[string]string
	}{
		{[]string{"env", "absent"}, map[string]string{"empty": "", "team": "b"}},
		{[]string{"team", "empty"}, nil},
	} {
		_, err = c.sqs.UntagQueue(c.ctx, &sqs.UntagQueueInput{QueueUrl: url, TagKeys: step.remove})
		c.ok(err)
		list(step.left)
	}
}

func (c *goClient) delete() {
	url := c.create("delete", nil)
	for range 3 {
		c.put(url, "to go")
	}
	got := c.take(url)
	if len(got) != 3 {
		c.Fatalf("received %d messages, not 3", len(got))
	}
	for range 2 {
		_, err := c.sqs.DeleteMessage(c.ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: got[0].ReceiptHandle})
		c.ok(err)
	}
	out, err := c.sqs.DeleteMessageBatch(c.ctx, &sqs.DeleteMessageBatchInput{
		QueueUrl: url,
		Entries: []types.DeleteMessageBatchRequestEntry{
			{Id: aws.String("first"), ReceiptHandle: got[1].ReceiptHandle},
			{Id: aws.String("bad"), ReceiptHandle: aws.String("no-handle")},
			{Id: aws.String("last"), ReceiptHandle: got[2].ReceiptHandle},
		},
	})
	c.ok(err)
	equal(c, "deleted by the batch", len(out.Successful), 2)
	c.failed(out.Failed, "bad", "ReceiptHandleIsInvalid")
	equal(c, "counts after the deletes", c.counts(url), "0 0 0")

	c.put(url, "to go")
	purge := &sqs.PurgeQueueInput{QueueUrl: url}
	_, err = c.sqs.PurgeQueue(c.ctx, purge)
	c.ok(err)
	equal(c, "counts after the purge", c.counts(url), "0 0 0")
	if _, err = c.sqs.PurgeQueue(c.ctx, purge); !errors.As(err, new(*types.PurgeQueueInProgress)) {
		c.Errorf("a second purge: %v", err)
	}

	list := &sqs.ListQueuesInput{QueueNamePrefix: &c.prefix}
	all, err := c.sqs.ListQueues(c.ctx, list)
	c.ok(err)
	for _, u := range all.QueueUrls {
		_, err := c.sqs.DeleteQueue(c.ctx, &sqs.DeleteQueueInput{QueueUrl: &u})
		c.ok(err)
	}
	all, err = c.sqs.ListQueues(c.ctx, list)
	c.ok(err)
	equal(c, "queues left", len(all.QueueUrls), 0)
	_, err = c.sqs.GetQueueUrl(c.ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(c.prefix + "delete")})
	equal(c, "URL of a deleted queue", code(err), "AWS.SimpleQueueService.NonExistentQueue")
}
