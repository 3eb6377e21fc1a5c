package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/producer"
)

// client is what messages are sent by.
type client interface {
	producer.Client
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// caller is a way to send so many messages with the same body to a queue.
type caller struct {
	name string
	part int // it sends one in so many, as it takes long
	send func(ctx context.Context, c client, queue, body string, messages int) error
}

// What is compared. The first is the yardstick.
var (
	batches  = caller{"SendMessageBatch, 4 loops", 1, byBatches(4)}
	wider    = caller{"SendMessageBatch, 16 loops", 1, byBatches(producer.DefaultConcurrency)}
	singles  = caller{"SendMessage, 64 loops", 10, bySingles(senders)}
	one      = caller{"SendMessage", 1, bySingles(1)}
	send     = caller{"Send", 1, bySend(senders)}
	oneSend  = caller{"Send", 1, bySend(1)}
	async    = caller{"SendAsync", 1, byAsync(senders)}
	all      = caller{"SendAll", 1, byAll}
	compared = []caller{batches, wider, singles, send, async, all}
)

// loops runs n goroutines that call turn until what is left to be sent is none, or one has failed. turn gets
// how many it may send, at most most.
func loops(n, messages, most int, turn func(int) error) error {
	var left atomic.Int64
	left.Store(int64(messages))
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			for {
				after := left.Add(-int64(most))
				k := min(most, most+int(after))
				if k <= 0 {
					return
				}
				if errs[i] = turn(k); errs[i] != nil {
					left.Store(0)
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// byBatches sends as one does by hand.
func byBatches(n int) func(context.Context, client, string, string, int) error {
	return func(ctx context.Context, c client, queue, body string, messages int) error {
		return loops(n, messages, 10, func(k int) error {
			in := &sqs.SendMessageBatchInput{QueueUrl: &queue, Entries: make([]types.SendMessageBatchRequestEntry, k)}
			for i := range in.Entries {
				in.Entries[i] = types.SendMessageBatchRequestEntry{Id: new(strconv.Itoa(i)), MessageBody: &body}
			}
			out, err := c.SendMessageBatch(ctx, in)
			if err != nil {
				return err
			}
			if len(out.Failed) > 0 {
				return fmt.Errorf("a message was refused: %s", *out.Failed[0].Code)
			}
			return nil
		})
	}
}

func bySingles(n int) func(context.Context, client, string, string, int) error {
	return func(ctx context.Context, c client, queue, body string, messages int) error {
		return loops(n, messages, 1, func(int) error {
			_, err := c.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: &body})
			return err
		})
	}
}

func bySend(n int) func(context.Context, client, string, string, int) error {
	return func(ctx context.Context, c client, queue, body string, messages int) error {
		p := producer.New(c, queue)
		err := loops(n, messages, 1, func(int) error {
			_, err := p.Send(ctx, producer.Message{Body: body})
			return err
		})
		return errors.Join(err, p.Close(ctx))
	}
}

// byAsync looks at every answer, but only when it has sent some more.
func byAsync(n int) func(context.Context, client, string, string, int) error {
	return func(ctx context.Context, c client, queue, body string, messages int) error {
		p := producer.New(c, queue)
		err := loops(n, messages, behind, func(k int) error {
			all := make([]*producer.Pending, k)
			for i := range all {
				all[i] = p.SendAsync(ctx, producer.Message{Body: body})
			}
			for _, pending := range all {
				if _, err := pending.Wait(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		return errors.Join(err, p.Close(ctx))
	}
}

// byAll sends as many at once as one has at hand.
func byAll(ctx context.Context, c client, queue, body string, messages int) error {
	p := producer.New(c, queue)
	err := loops(1, messages, atHand, func(k int) error {
		ms := make([]producer.Message, k)
		for i := range ms {
			ms[i].Body = body
		}
		_, err := p.SendAll(ctx, ms...)
		return err
	})
	return errors.Join(err, p.Close(ctx))
}
