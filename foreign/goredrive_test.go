package foreign_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func (c *goClient) dlq() {
	dead := c.create("dead", nil)
	arn := func(url *string) string {
		return c.get(url, types.QueueAttributeNameQueueArn)["QueueArn"]
	}
	deadARN := arn(dead)
	policy := fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":1}`, deadARN)
	source := c.create("source", map[string]string{"RedrivePolicy": policy})
	got := c.get(source, types.QueueAttributeNameRedrivePolicy)["RedrivePolicy"]
	var read struct {
		DeadLetterTargetArn string
		MaxReceiveCount     int
	}
	c.ok(json.Unmarshal([]byte(got), &read))
	equal(c, "target", read.DeadLetterTargetArn, deadARN)
	equal(c, "count", read.MaxReceiveCount, 1)
	sources, err := c.sqs.ListDeadLetterSourceQueues(c.ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: dead})
	c.ok(err)
	if len(sources.QueueUrls) != 1 || sources.QueueUrls[0] != *source {
		c.Errorf("sources %q, want %q alone", sources.QueueUrls, *source)
	}

	sent := c.put(source, "poison")
	release := func(url *string, m types.Message) {
		_, err := c.sqs.ChangeMessageVisibility(c.ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: m.ReceiptHandle})
		c.ok(err)
	}
	release(source, c.takeOne(source, "poison"))
	equal(c, "received once too often", bodies(c.take(source)), "")
	letter := c.takeOne(dead, "poison")
	equal(c, "id of the dead letter", *letter.MessageId, *sent.MessageId)
	equal(c, "where it came from", letter.Attributes["DeadLetterQueueSourceArn"], arn(source))
	release(dead, letter)

	_, err = c.sqs.StartMessageMoveTask(c.ctx, &sqs.StartMessageMoveTaskInput{SourceArn: &deadARN})
	c.ok(err)
	for start := time.Now(); ; { // each turn is a request
		tasks, err := c.sqs.ListMessageMoveTasks(c.ctx, &sqs.ListMessageMoveTasksInput{SourceArn: &deadARN})
		c.ok(err)
		task := tasks.Results[0]
		if *task.Status == "COMPLETED" {
			equal(c, "moved", task.ApproximateNumberOfMessagesMoved, 1)
			break
		}
		if *task.Status != "RUNNING" || time.Since(start) > 20*time.Second {
			c.Fatalf("the task is %s", *task.Status)
		}
	}
	c.takeOne(source, "poison")
}
