package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Filling is a Store that can be filled with messages in all states there are.
type Filling interface {
	// Fill adds n messages that are as state says, rounded up to tens a caller.
	Fill(state string, n int) error
}

// States are those of Fill.
var States = []string{"waiting", "delayed", "in flight", "one group", "group each", "dedup ids"}

const (
	fillers = 16
	// inFlight is how many messages of a queue are received: no queue may have more than 120,000 so.
	inFlight   = 100_000
	someGroups = 1000
)

func (s *server) Fill(state string, n int) error {
	switch state {
	case "waiting":
		return s.fill(n, "fill", nil, false)
	case "delayed":
		return s.fill(n, "fill", func(_ int64, e *types.SendMessageBatchRequestEntry) { e.DelaySeconds = 900 }, false)
	case "in flight":
		for i := 0; n > 0; i++ {
			if err := s.fill(min(n, inFlight), "fill-"+strconv.Itoa(i), nil, true); err != nil {
				return err
			}
			n -= inFlight
		}
		return nil
	case "one group":
		return s.fill(n, "fill.fifo", fifo(func(int64) string { return "g" }), false)
	case "group each":
		return s.fill(n, "fill.fifo", fifo(func(i int64) string { return "group-" + strconv.FormatInt(i, 10) }), false)
	case "dedup ids":
		return s.remember(n)
	}
	return fmt.Errorf("no state is called %q", state)
}

// fifo makes the i-th message one of a group, with a deduplication id of its own.
func fifo(group func(i int64) string) func(int64, *types.SendMessageBatchRequestEntry) {
	return func(i int64, e *types.SendMessageBatchRequestEntry) {
		e.MessageGroupId, e.MessageDeduplicationId = new(group(i)), new("dedup-"+strconv.FormatInt(i, 10))
	}
}

// fill sends n messages to a queue and, if they are to be taken, receives them.
func (s *server) fill(n int, queue string, each func(int64, *types.SendMessageBatchRequestEntry), take bool) error {
	if err := s.create(queue); err != nil {
		return err
	}
	var last atomic.Int64
	return s.spread(n, queue, func(c *serverCaller) error {
		change := func(e *types.SendMessageBatchRequestEntry) {
			if each != nil {
				each(last.Add(1), e)
			}
		}
		if err := c.put(10, nil, change); err != nil || !take {
			return err
		}
		_, err := c.Take(10)
		return err
	})
}

// remember sends messages to a FIFO queue and deletes them, so that only their deduplication ids stay.
func (s *server) remember(n int) error {
	groups := func(i int64) string { return strconv.FormatInt(i%someGroups, 10) }
	if err := s.fill(n, "fill.fifo", fifo(groups), false); err != nil {
		return err
	}
	return s.spread(n, "fill.fifo", func(c *serverCaller) error {
		if _, err := c.Take(10); err != nil {
			return err
		}
		return c.Drop()
	})
}

func (s *server) create(queue string) error {
	in := &sqs.CreateQueueInput{QueueName: &queue, Attributes: map[string]string{"VisibilityTimeout": "43200"}}
	if isFIFO(queue) {
		in.Attributes["FifoQueue"] = "true"
	}
	_, err := s.CreateQueue(context.Background(), in)
	return err
}

func isFIFO(queue string) bool { return len(queue) > 5 && queue[len(queue)-5:] == ".fifo" }

// spread has some callers do what moves ten messages until n are moved.
func (s *server) spread(n int, queue string, ten func(*serverCaller) error) error {
	var left atomic.Int64
	left.Store(int64(n))
	failed := make([]error, fillers)
	var wg sync.WaitGroup
	for i := range fillers {
		wg.Go(func() {
			c := newServerCaller(s.Server, queue)
			for left.Add(-10) > -10 && failed[i] == nil {
				failed[i] = ten(c)
			}
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}
