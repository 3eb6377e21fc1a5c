package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/localqueue"
)

// queuesArgument makes this program the benchmark of queues: see main.
const queuesArgument = "be-queues"

// beQueues is a benchmark of a server with so many queues, for so long.
func beQueues(ctx context.Context, args []string, out io.Writer) error {
	n, long, err := numberAndTime(args)
	if err != nil {
		return err
	}
	s := localqueue.New()
	defer func() { _ = s.Close() }() // in memory: nothing can be lost
	c := newCycler(s, n)
	before := heapInUse()
	start := time.Now()
	for i := range c.queues {
		if _, err := s.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &c.queues[i]}); err != nil {
			return err
		}
	}
	create := time.Since(start)
	fresh := heapInUse()
	for i := range c.queues { // it has storage from then on
		if _, err := s.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &c.queues[i], Entries: c.send[:1]}); err != nil {
			return err
		}
	}
	warm()
	used := heapInUse()
	debug.SetGCPercent(-1) // a heap as small as that of one queue would be collected all the time
	took, err := c.cycles(ctx, long)
	if err != nil {
		return err
	}
	each := func(v float64) float64 { return v / float64(n) }
	return writeResult(out, fmt.Sprint("Queues/", n), len(took),
		value{"cycle-sec/msg", stats.Quantile(took, 0.5).Seconds() / 10}, value{"create-sec/queue", each(create.Seconds())},
		value{"new-B/queue", each(fresh - before)}, value{"used-B/queue", each(used - before)})
}

// cycler sends, receives and deletes ten messages at a time.
type cycler struct {
	s      *localqueue.Server
	queues []string
	send   []types.SendMessageBatchRequestEntry
	delete []types.DeleteMessageBatchRequestEntry
}

func newCycler(s *localqueue.Server, n int) *cycler {
	c := &cycler{s: s, queues: make([]string, n)}
	for i := range c.queues {
		c.queues[i] = fmt.Sprint("orders-", i)
	}
	body := strings.Repeat("x", bodySize)
	for i := range 10 {
		id := fmt.Sprint(i)
		c.send = append(c.send, types.SendMessageBatchRequestEntry{Id: &id, MessageBody: &body})
		c.delete = append(c.delete, types.DeleteMessageBatchRequestEntry{Id: &id})
	}
	return c
}

// cycles are how long each cycle took, of those that were made in so long on queues at random.
func (c *cycler) cycles(ctx context.Context, long time.Duration) (took []time.Duration, err error) {
	for begun := time.Now(); time.Since(begun) < long; {
		start := time.Now()
		if err := c.cycle(ctx, rand.IntN(len(c.queues))); err != nil {
			return nil, err
		}
		took = append(took, time.Since(start))
	}
	return took, nil
}

// cycle is that of the queue with that index, in which one message more than it takes is left.
func (c *cycler) cycle(ctx context.Context, i int) error {
	queue := &c.queues[i]
	if _, err := c.s.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: queue, Entries: c.send}); err != nil {
		return err
	}
	got, err := c.s.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue, MaxNumberOfMessages: 10})
	if err != nil {
		return err
	}
	if len(got.Messages) != 10 {
		return fmt.Errorf("received %d messages of %s, want 10", len(got.Messages), *queue)
	}
	for k, m := range got.Messages {
		c.delete[k].ReceiptHandle = m.ReceiptHandle
	}
	done, err := c.s.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: queue, Entries: c.delete})
	if err == nil && len(done.Failed) > 0 {
		err = fmt.Errorf("%d messages of %s were not deleted", len(done.Failed), *queue)
	}
	return err
}

// warm has the system give the process memory, which garbage needs while nothing is collected.
func warm() {
	for range 4096 {
		piece := make([]byte, 32<<10)
		for i := 0; i < len(piece); i += 4 << 10 {
			piece[i] = 1
		}
		pieces = append(pieces, piece)
	}
	pieces = nil
}

var pieces [][]byte // of warm: on the heap

// heapInUse is how many bytes the heap has once all garbage is gone.
func heapInUse() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
