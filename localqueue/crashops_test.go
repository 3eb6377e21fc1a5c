package localqueue_test

import (
	"fmt"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// queue is one of those that always exist.
func (u *user) queue() string {
	return pick(u.r, "plain", "plain", "jobs.fifo", "jobs.fifo", "later", "dead", "dead.fifo")
}

// next is the next operation. One follows from what came before and the seed alone.
func (u *user) next() operation {
	if u.spell--; u.spell < 0 {
		u.spell = u.r.IntN(6)
		u.kind = pick(u.r, u.send, u.send, u.sendMany, u.receive, u.receive, u.receive, u.remove, u.remove, u.removeMany,
			u.change, u.settings, u.tags, u.purge, u.task, u.temporary, u.wait, u.wait)
	}
	return u.kind()
}

func (u *user) entry(queue string) types.SendMessageBatchRequestEntry {
	u.sent++
	size := 20 + u.r.IntN(300)
	switch u.r.IntN(12) {
	case 0, 1, 2:
		size = 2000 + u.r.IntN(12000)
	case 3:
		size = 20000 + u.r.IntN(50000)
	}
	e := types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint("e", u.sent)), MessageBody: aws.String(body(u.sent, size))}
	switch {
	case strings.HasSuffix(queue, ".fifo"):
		e.MessageGroupId, e.MessageDeduplicationId = aws.String(pick(u.r, "a", "b", "c")), aws.String(fmt.Sprint("d", u.r.IntN(40)))
	case u.r.IntN(3) == 0:
		e.MessageGroupId = aws.String(pick(u.r, "tenant", "other tenant"))
	case u.r.IntN(3) == 0:
		e.DelaySeconds = int32(1 + u.r.IntN(30))
	}
	if u.r.IntN(4) == 0 {
		e.MessageAttributes = map[string]types.MessageAttributeValue{"k": {DataType: aws.String("String"), StringValue: aws.String("v")}}
	}
	return e
}

func (u *user) send() operation {
	q := u.queue()
	e := u.entry(q)
	return operation{name: "send to " + q, firm: true, do: func() error {
		out, err := u.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl: &q, MessageBody: e.MessageBody, MessageGroupId: e.MessageGroupId, MessageDeduplicationId: e.MessageDeduplicationId,
			DelaySeconds: e.DelaySeconds, MessageAttributes: e.MessageAttributes,
		})
		if err == nil {
			u.accepted(out.MessageId, e.MessageBody)
		}
		return err
	}}
}

func (u *user) sendMany() operation {
	q := u.queue()
	in := &sqs.SendMessageBatchInput{QueueUrl: &q}
	for range 1 + u.r.IntN(10) {
		in.Entries = append(in.Entries, u.entry(q))
	}
	return operation{name: "send many to " + q, firm: true, many: true, do: func() error {
		out, err := u.SendMessageBatch(ctx, in)
		if err != nil {
			return err
		}
		for _, r := range out.Successful {
			i := slices.IndexFunc(in.Entries, func(e types.SendMessageBatchRequestEntry) bool { return *e.Id == *r.Id })
			u.accepted(r.MessageId, in.Entries[i].MessageBody)
		}
		return nil
	}}
}

func (u *user) receive() operation {
	q := u.queue()
	in := &sqs.ReceiveMessageInput{QueueUrl: &q, MaxNumberOfMessages: int32(1 + u.r.IntN(10)), VisibilityTimeout: int32(u.r.IntN(30))}
	if strings.HasSuffix(q, ".fifo") && u.r.IntN(3) == 0 {
		in.ReceiveRequestAttemptId = aws.String(pick(u.r, "x", "y"))
	}
	return operation{name: "receive from " + q, firm: false, many: true, do: func() error {
		out, err := u.ReceiveMessage(ctx, in)
		if err != nil {
			return err
		}
		for _, m := range out.Messages {
			u.held = append(u.held, held{q, *m.ReceiptHandle})
		}
		return u.right(out.Messages)
	}}
}

// one is a message that was received, mostly lately.
func (u *user) one() (held, bool) {
	n := len(u.held)
	if n == 0 {
		return held{}, false
	}
	return u.held[n-1-u.r.IntN(min(n, 20))], true
}

func (u *user) remove() operation {
	h, ok := u.one()
	if !ok {
		return u.receive()
	}
	return operation{name: "delete from " + h.queue, firm: true, do: func() error {
		_, err := u.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &h.queue, ReceiptHandle: &h.handle})
		return err
	}}
}

func (u *user) removeMany() operation {
	h, ok := u.one()
	if !ok {
		return u.receive()
	}
	in := &sqs.DeleteMessageBatchInput{QueueUrl: &h.queue}
	for i := len(u.held) - 1; i >= 0 && len(in.Entries) < 10; i-- {
		if u.held[i].queue == h.queue {
			in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(fmt.Sprint("e", i)), ReceiptHandle: &u.held[i].handle})
		}
	}
	return operation{name: "delete many from " + h.queue, firm: true, many: true, do: func() error {
		_, err := u.DeleteMessageBatch(ctx, in)
		return err
	}}
}

func (u *user) change() operation {
	h, ok := u.one()
	if !ok {
		return u.receive()
	}
	d := int32(u.r.IntN(3) * 20)
	return operation{name: fmt.Sprintf("change of %s to %d", h.queue, d), do: func() error {
		_, err := u.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &h.queue, ReceiptHandle: &h.handle, VisibilityTimeout: d})
		return err
	}}
}

func (u *user) settings() operation {
	q, attribute := u.queue(), ""
	value := pick(u.r, "60", "100", "3600")
	if attribute = pick(u.r, "MessageRetentionPeriod", "DelaySeconds", "VisibilityTimeout", "DeduplicationScope"); attribute == "DelaySeconds" {
		value = pick(u.r, "0", "5", "60")
	}
	if attribute == "DeduplicationScope" {
		q, value = "jobs.fifo", pick(u.r, "queue", "messageGroup")
	}
	return operation{name: fmt.Sprintf("set %s of %s to %s", attribute, q, value), firm: true, do: func() error {
		_, err := u.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: &q, Attributes: map[string]string{attribute: value}})
		return err
	}}
}

func (u *user) tags() operation {
	q, key, add := u.queue(), pick(u.r, "k", "l"), u.r.IntN(3) > 0
	return operation{name: "tags of " + q, firm: true, do: func() error {
		if add {
			_, err := u.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: &q, Tags: map[string]string{key: fmt.Sprint(u.sent)}})
			return err
		}
		_, err := u.UntagQueue(ctx, &sqs.UntagQueueInput{QueueUrl: &q, TagKeys: []string{key}})
		return err
	}}
}

func (u *user) purge() operation {
	q := u.queue()
	if u.r.IntN(3) > 0 {
		return u.receive()
	}
	return operation{name: "purge " + q, firm: true, do: func() error {
		_, err := u.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: &q})
		return err
	}}
}

// task starts a move task, or cancels the latest.
func (u *user) task() operation {
	if n := len(u.tasks); n > 0 && u.r.IntN(3) == 0 {
		return operation{name: "cancel task", firm: true, do: func() error {
			_, err := u.CancelMessageMoveTask(ctx, &sqs.CancelMessageMoveTaskInput{TaskHandle: &u.tasks[n-1]})
			return err
		}}
	}
	if !u.running() {
		u.rate = pick[int32](u.r, 1, 20, 200)
	}
	in := &sqs.StartMessageMoveTaskInput{
		SourceArn: aws.String(arn(pick(u.r, "dead", "dead.fifo"))), MaxNumberOfMessagesPerSecond: &u.rate,
	}
	return operation{name: "move from " + *in.SourceArn, firm: true, do: func() error {
		u.Rest(*in.SourceArn, time.Millisecond/2) // or it would take its first step before anybody can look
		out, err := u.StartMessageMoveTask(ctx, in)
		if err == nil {
			u.tasks = append(u.tasks, *out.TaskHandle)
		}
		return err
	}}
}

// temporary makes a queue, or deletes one.
func (u *user) temporary() operation {
	if u.temps > 0 && u.r.IntN(2) == 0 {
		name := fmt.Sprint("temporary-", 1+u.r.IntN(u.temps))
		return operation{name: "delete queue " + name, firm: true, do: func() error {
			_, err := u.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &name})
			return err
		}}
	}
	u.temps++
	name := fmt.Sprint("temporary-", 1+u.r.IntN(u.temps))
	u.spell, u.kind = 2, u.send
	return operation{name: "create queue " + name, firm: true, do: func() error {
		_, err := u.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
		return err
	}}
}

// wait lets time pass, and what is due happen.
func (u *user) wait() operation {
	d := pick(u.r, time.Millisecond, 3*time.Millisecond, 6*time.Millisecond, 51*time.Millisecond, 250*time.Millisecond, time.Second, 12*time.Second, 61*time.Second)
	if u.running() { // a step at most
		d = min(d, time.Second/time.Duration(u.rate)-time.Millisecond)
	}
	return operation{name: fmt.Sprint("wait ", d), many: true, do: func() error {
		time.Sleep(d + 1)
		synctest.Wait()
		return nil
	}}
}

// running reports whether a move task is.
func (u *user) running() bool {
	for _, q := range []string{"dead", "dead.fifo"} {
		out, err := u.ListMessageMoveTasks(ctx, &sqs.ListMessageMoveTasksInput{SourceArn: aws.String(arn(q))})
		if err == nil && len(out.Results) > 0 && *out.Results[0].Status == "RUNNING" {
			return true
		}
	}
	return false
}
