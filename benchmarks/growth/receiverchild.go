package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/metrics"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/localqueue"
)

// receiversArgument makes this program the benchmark of receivers: see main.
const receiversArgument = "be-receivers"

// beReceivers is a benchmark of a queue on which so many receivers wait, for so long.
func beReceivers(ctx context.Context, args []string, out io.Writer) error {
	n, long, err := numberAndTime(args)
	if err != nil {
		return err
	}
	s := localqueue.New()
	defer func() { _ = s.Close() }() // in memory: nothing can be lost
	c := &crowd{s: s, queue: "orders", arrived: make(chan time.Time, n), failed: make(chan error, n)}
	if err := s.Create(ctx, c.queue); err != nil {
		return err
	}
	inner, leave := context.WithCancel(ctx)
	for range n {
		c.all.Go(func() { c.receive(inner) })
	}
	defer c.all.Wait()
	defer leave()
	if err := c.settle(ctx, n); err != nil {
		return err
	}
	if _, _, err := c.feed(ctx, n, 0); err != nil { // one each, so that stacks and timers are there
		return err
	}
	took, cpu, err := c.feed(ctx, 2*n, long)
	if err != nil {
		return err
	}
	values := []value{{"p50-sec", stats.Quantile(took, 0.5).Seconds()}, {"p99-sec", stats.Quantile(took, 0.99).Seconds()}}
	if cpu > 0 {
		values = append(values, value{"cpu-sec/msg", cpu.Seconds() / float64(len(took))})
	}
	return writeResult(out, fmt.Sprint("Receivers/", n), len(took), values...)
}

// crowd are receivers of one queue.
type crowd struct {
	s       *localqueue.Server
	queue   string
	arrived chan time.Time
	failed  chan error
	all     sync.WaitGroup
}

// receive receives and deletes until ctx ends.
func (c *crowd) receive(ctx context.Context) {
	for {
		got, err := c.s.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &c.queue, WaitTimeSeconds: 20})
		now := time.Now()
		if err == nil && len(got.Messages) == 1 {
			c.arrived <- now
			_, err = c.s.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &c.queue, ReceiptHandle: got.Messages[0].ReceiptHandle})
		}
		if err != nil {
			if ctx.Err() == nil {
				c.failed <- err
			}
			return
		}
	}
}

// settle returns once all wait.
func (c *crowd) settle(ctx context.Context, n int) error {
	waiting := []metrics.Sample{{Name: "/sched/goroutines/waiting:goroutines"}}
	for end := time.Now().Add(patience); ; {
		metrics.Read(waiting)
		if waiting[0].Value.Kind() == metrics.KindBad {
			return errors.New("the runtime does not tell how many goroutines wait")
		}
		if int(waiting[0].Value.Uint64()) >= n {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d of %d receivers wait after %v", waiting[0].Value.Uint64(), n, patience)
		}
		time.Sleep(time.Millisecond)
	}
}

// feed sends so many messages at least, for so long at least: one by one, each once the one before was
// received. It returns the times from before each send until the message was there, and the processor time of
// all, 0 if that is not known.
func (c *crowd) feed(ctx context.Context, messages int, long time.Duration) (took []time.Duration, cpu time.Duration, err error) {
	body := strings.Repeat("x", bodySize)
	before, unknown := process.CPU(os.Getpid())
	for begun := time.Now(); len(took) < messages || time.Since(begun) < long; {
		start := time.Now()
		if _, err := c.s.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &c.queue, MessageBody: &body}); err != nil {
			return nil, 0, err
		}
		select {
		case at := <-c.arrived:
			took = append(took, at.Sub(start))
		case err := <-c.failed:
			return nil, 0, err
		case <-time.After(patience):
			return nil, 0, fmt.Errorf("a message was not received in %v", patience)
		}
	}
	after, err := process.CPU(os.Getpid())
	if unknown != nil || err != nil {
		return took, 0, nil
	}
	return took, after - before, nil
}
