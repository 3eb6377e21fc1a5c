package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// naive is the loop of many a first program: it receives up to ten messages, handles one after the other, and
// deletes each. It ends when the one in hand is deleted; the rest of the ten comes again.
var naive = peer{name: "naive loop", hands: 1, work: func(ctx context.Context, c *sqs.Client, queue string, h handler) error {
	for ctx.Err() == nil {
		messages, err := receive(ctx, c, queue)
		if err != nil {
			return err
		}
		for _, m := range messages {
			if ctx.Err() != nil {
				break
			}
			finish := context.WithoutCancel(ctx)
			if h(finish, *m.Body) != nil {
				continue
			}
			if _, err := c.DeleteMessage(finish, &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
				return err
			}
		}
	}
	return nil
}}

// singles sends a request for each message.
var singles = sender{name: "SendMessage", together: 1, open: func(_ context.Context, c *sqs.Client, queue string) (link, error) {
	return link{close: func() error { return nil }, send: func(ctx context.Context, bodies []string) error {
		_, err := c.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: &bodies[0]})
		return err
	}}, nil
}}
