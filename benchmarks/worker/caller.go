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

	"github.com/quayside-go/quayside/worker"
)

// caller is a way to handle the messages of a queue. It returns when so many were handled and deleted, or
// with an error when ctx is done before.
type caller struct {
	name   string
	handle func(ctx context.Context, c worker.Client, queue string, messages int) error
}

// What is compared. In each list of them the first is the yardstick, the last is what it is about.
var (
	bare     = caller{"bare calls", loops(4, inTurn)}
	atOnce   = caller{"bare calls, handlers in goroutines", loops(4, inGoroutines)}
	one      = caller{"bare calls, one loop", loops(1, inTurn)}
	quayside = caller{"quayside", worked}
)

// concurrency is that of the worker where one is compared.
const concurrency = 64

// worked has a worker handle them.
func worked(ctx context.Context, c worker.Client, queue string, messages int) error {
	running, stop := context.WithCancel(ctx)
	defer stop()
	var left atomic.Int64
	left.Store(int64(messages))
	err := worker.New(c, queue, worker.HandlerFunc(func(context.Context, *worker.Message) error {
		if left.Add(-1) == 0 {
			stop()
		}
		return nil
	}), func(o *worker.Options) { o.Concurrency = concurrency }).Run(running)
	if err == nil && left.Load() > 0 {
		err = fmt.Errorf("%d messages of %d are left: %w", left.Load(), messages, ctx.Err())
	}
	return err
}

// loops are n loops as one writes them by hand: receive ten, handle them, delete them together. Nothing is
// called but what that takes, and no error goes unseen.
func loops(n int, handle func([]types.Message)) func(context.Context, worker.Client, string, int) error {
	return func(ctx context.Context, c worker.Client, queue string, messages int) error {
		running, stop := context.WithCancel(ctx)
		defer stop()
		var left atomic.Int64
		left.Store(int64(messages))
		errs := make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				defer stop() // the last message is deleted, or something failed
				for left.Load() > 0 {
					done, err := turn(running, ctx, c, &queue, handle)
					if left.Add(-int64(done)) <= 0 {
						return // whatever became of a receive when another loop stopped
					}
					if err != nil {
						errs[i] = err
						return
					}
				}
			})
		}
		wg.Wait()
		return errors.Join(errs...)
	}
}

// turn receives, handles and deletes up to ten messages. It returns how many. Receiving ends with polling.
func turn(polling, ctx context.Context, c worker.Client, queue *string, handle func([]types.Message)) (int, error) {
	out, err := c.ReceiveMessage(polling, &sqs.ReceiveMessageInput{
		QueueUrl: queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 20,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		MessageAttributeNames:       []string{"All"},
	})
	if err != nil || len(out.Messages) == 0 {
		return 0, err
	}
	handle(out.Messages)
	in := &sqs.DeleteMessageBatchInput{QueueUrl: queue, Entries: make([]types.DeleteMessageBatchRequestEntry, len(out.Messages))}
	for i, m := range out.Messages {
		in.Entries[i] = types.DeleteMessageBatchRequestEntry{Id: new(strconv.Itoa(i)), ReceiptHandle: m.ReceiptHandle}
	}
	deleted, err := c.DeleteMessageBatch(ctx, in)
	if err != nil {
		return 0, err
	}
	if len(deleted.Failed) > 0 {
		return 0, fmt.Errorf("a message was not deleted: %s", *deleted.Failed[0].Code)
	}
	return len(out.Messages), nil
}

// handler does with a message what the worker's does: nothing.
func handler(types.Message) {}

func inTurn(ms []types.Message) {
	for _, m := range ms {
		handler(m)
	}
}

func inGoroutines(ms []types.Message) {
	var wg sync.WaitGroup
	for _, m := range ms {
		wg.Go(func() { handler(m) })
	}
	wg.Wait()
}
