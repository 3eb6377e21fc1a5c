package remote

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// numbered is the body of message n: its number, the wall clock when it is sent, and letters up to size.
func numbered(n, size int) string {
	head := fmt.Sprintf("%d %d ", n, time.Now().UnixNano())
	return head + letters(max(0, size-len(head)))
}

// Read returns the number of a message that Number or Pace has sent, and when that was. The clock is the wall
// clock, which processes of one machine share.
func Read(body string) (n int, sent time.Time, err error) {
	number, rest, _ := strings.Cut(body, " ")
	clock, _, _ := strings.Cut(rest, " ")
	n, err = strconv.Atoi(number)
	if err != nil {
		return 0, sent, fmt.Errorf("a message without a number: %w", err)
	}
	nanos, err := strconv.ParseInt(clock, 10, 64)
	if err != nil {
		return 0, sent, fmt.Errorf("a message that does not say when it was sent: %w", err)
	}
	return n, time.Unix(0, nanos), nil
}

// number sends messages with the numbers from 0, by tens.
func number(ctx context.Context, s *localqueue.Server, queue string, messages, size int) error {
	for n := 0; n < messages; {
		in := &sqs.SendMessageBatchInput{QueueUrl: &queue}
		for i := range min(batch, messages-n) {
			in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: new(strconv.Itoa(i)), MessageBody: new(numbered(n, size))})
			n++
		}
		out, err := s.SendMessageBatch(ctx, in)
		if err != nil {
			return fmt.Errorf("number %s: %w", queue, err)
		}
		if len(out.Failed) > 0 {
			return fmt.Errorf("number %s: a message was refused: %s", queue, *out.Failed[0].Code)
		}
	}
	return nil
}

// pace sends messages with the numbers from 0, one at a time, so many a second on average: the time between
// two is drawn anew, so that they do not keep step with whoever receives them.
func pace(ctx context.Context, s *localqueue.Server, queue string, messages, size, rate int) error {
	t := time.NewTimer(0)
	defer t.Stop()
	due := time.Now()
	for n := range messages {
		due = due.Add(time.Duration(rand.ExpFloat64() / float64(rate) * float64(time.Second)))
		t.Reset(time.Until(due))
		select {
		case <-t.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if _, err := s.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: new(numbered(n, size))}); err != nil {
			return fmt.Errorf("pace %s: %w", queue, err)
		}
	}
	return nil
}

func (h *host) number(ctx context.Context, q url.Values) (any, error) {
	n, err := numbers(q, "messages", "size")
	if err != nil {
		return nil, err
	}
	return nil, number(ctx, h.queues, q.Get("queue"), n[0], n[1])
}

func (h *host) pace(ctx context.Context, q url.Values) (any, error) {
	n, err := numbers(q, "messages", "size", "rate")
	if err != nil {
		return nil, err
	}
	return nil, pace(ctx, h.queues, q.Get("queue"), n[0], n[1], n[2])
}
