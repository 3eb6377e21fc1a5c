package remote

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

const (
	batch   = 10
	largest = 1 << 20 // bytes of a message, and of a batch; SQS's limit
	tick    = 5 * time.Millisecond
)

// Create makes a queue for messages as large as they may be.
func Create(ctx context.Context, s *localqueue.Server, queue string, visibility time.Duration) error {
	_, err := s.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &queue, Attributes: map[string]string{
		"MaximumMessageSize": strconv.Itoa(largest),
		"VisibilityTimeout":  strconv.Itoa(int(visibility.Seconds())),
	}})
	return err
}

// Fill sends messages of that many bytes, by tens if ten fit into a request.
func Fill(ctx context.Context, s *localqueue.Server, queue string, messages, size int) error {
	text := letters(size)
	n := max(1, min(batch, largest/size))
	for left := messages; left > 0; left -= n {
		in := &sqs.SendMessageBatchInput{QueueUrl: &queue}
		for i := range min(n, left) {
			in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: new(strconv.Itoa(i)), MessageBody: &text})
		}
		out, err := s.SendMessageBatch(ctx, in)
		if err != nil {
			return fmt.Errorf("fill %s: %w", queue, err)
		}
		if len(out.Failed) > 0 {
			return fmt.Errorf("fill %s: a message was refused: %s", queue, *out.Failed[0].Code)
		}
	}
	return nil
}

// letters is a text of n bytes in which JSON has nothing to escape.
func letters(n int) string {
	const alphabet = "the quick brown fox jumps over the lazy dog 0123456789 "
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[i%len(alphabet)]
	}
	return string(b)
}

func (h *host) create(ctx context.Context, q url.Values) (any, error) {
	n, err := numbers(q, "visibility")
	if err != nil {
		return nil, err
	}
	return nil, Create(ctx, h.queues, q.Get("queue"), time.Duration(n[0])*time.Second)
}

func (h *host) fill(ctx context.Context, q url.Values) (any, error) {
	n, err := numbers(q, "messages", "size")
	if err != nil {
		return nil, err
	}
	return nil, Fill(ctx, h.queues, q.Get("queue"), n[0], n[1])
}

// keep has so many messages wait in the queue until it is dropped, however many are taken.
func (h *host) keep(ctx context.Context, q url.Values) (any, error) {
	n, err := numbers(q, "messages", "size")
	if err != nil {
		return nil, err
	}
	queue, messages := q.Get("queue"), n[0]
	if err := Fill(ctx, h.queues, queue, messages, n[1]); err != nil {
		return nil, err
	}
	keeping, stop := context.WithCancel(h.ctx)
	h.mu.Lock()
	h.kept[queue] = stop
	h.mu.Unlock()
	h.work.Go(func() {
		clock := time.NewTicker(tick)
		defer clock.Stop()
		for {
			select {
			case <-keeping.Done():
				return
			case <-clock.C:
			}
			got, err := Stats(h.queues, queue)
			if err == nil && got.Visible < messages/2 {
				err = Fill(keeping, h.queues, queue, messages-got.Visible, n[1])
			}
			if err != nil {
				return // dropped; a queue that runs empty is seen by who counts
			}
		}
	})
	return nil, nil
}

// drop deletes a queue with all its messages.
func (h *host) drop(ctx context.Context, q url.Values) (any, error) {
	queue := q.Get("queue")
	h.mu.Lock()
	if stop := h.kept[queue]; stop != nil {
		stop()
		delete(h.kept, queue)
	}
	h.mu.Unlock()
	_, err := h.queues.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &queue})
	return nil, err
}
