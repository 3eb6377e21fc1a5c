package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// receivers are as many loops as it takes for as many handlers as the others have.
const receivers = (concurrency + 9) / 10

// careful is what one writes by hand who knows SQS: several loops, each of which receives ten messages, handles
// each in a goroutine of its own, and deletes those that succeeded together. It ends when its long polls are
// cancelled and what it has in hand is deleted.
var careful = peer{name: "careful loops", hands: receivers * 10, work: func(ctx context.Context, c *sqs.Client, queue string, h handler) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	errs := make([]error, receivers)
	var wg sync.WaitGroup
	for i := range receivers {
		wg.Go(func() {
			defer stop() // one that fails ends all
			for ctx.Err() == nil && errs[i] == nil {
				errs[i] = tenTogether(ctx, c, queue, h)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}}

// receive receives up to ten messages, with everything that comes with them; none and no error once ctx is done.
func receive(ctx context.Context, c *sqs.Client, queue string) ([]types.Message, error) {
	out, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &queue, MaxNumberOfMessages: 10, WaitTimeSeconds: int32(longPoll.Seconds()),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		MessageAttributeNames:       []string{"All"},
	})
	if ctx.Err() != nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// tenTogether is a turn of such a loop.
func tenTogether(ctx context.Context, c *sqs.Client, queue string, h handler) error {
	messages, err := receive(ctx, c, queue)
	if err != nil || len(messages) == 0 {
		return err
	}
	ctx = context.WithoutCancel(ctx) // what is in hand is handled to its end
	failed := make([]error, len(messages))
	var wg sync.WaitGroup
	for i, m := range messages {
		wg.Go(func() { failed[i] = h(ctx, *m.Body) })
	}
	wg.Wait()
	in := &sqs.DeleteMessageBatchInput{QueueUrl: &queue}
	for i, m := range messages {
		if failed[i] == nil {
			in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: new(strconv.Itoa(i)), ReceiptHandle: m.ReceiptHandle})
		}
	}
	if len(in.Entries) == 0 {
		return nil
	}
	out, err := c.DeleteMessageBatch(ctx, in)
	if err != nil {
		return err
	}
	if len(out.Failed) > 0 {
		return fmt.Errorf("a message was not deleted: %s", *out.Failed[0].Code)
	}
	return nil
}

// tens is how one sends many messages by hand: ten to a request.
var tens = sender{name: "SendMessageBatch", together: 10, open: func(_ context.Context, c *sqs.Client, queue string) (link, error) {
	return link{close: func() error { return nil }, send: func(ctx context.Context, bodies []string) error {
		in := &sqs.SendMessageBatchInput{QueueUrl: &queue}
		for i := range bodies {
			in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: new(strconv.Itoa(i)), MessageBody: &bodies[i]})
		}
		out, err := c.SendMessageBatch(ctx, in)
		if err != nil {
			return err
		}
		if len(out.Failed) > 0 {
			return fmt.Errorf("a message was refused: %s", *out.Failed[0].Code)
		}
		return nil
	}}, nil
}}
