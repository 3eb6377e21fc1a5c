package localqueue_test

import (
	"context"
	"crypto/md5"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// The benchmarks of the SDK-shaped face count messages: ns/msg and allocs/msg.
//
//	go test -run xxx -bench . -benchtime 2s ./localqueue

// BenchmarkSDK is batches of ten sent, received and deleted through the
// SDK-shaped methods, beside MD5 of the same bodies alone.
func BenchmarkSDK(b *testing.B) {
	for _, size := range []int{100, 1024} {
		body := strings.Repeat("x", size)
		b.Run(fmt.Sprintf("md5/%d", size), func(b *testing.B) {
			for b.Loop() {
				md5.Sum([]byte(body))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/msg")
		})
		b.Run(fmt.Sprintf("cycle/%d", size), func(b *testing.B) {
			s := localqueue.New()
			defer s.Close()
			s.MustCreate("orders")
			c := newCycle(s, body)
			b.ReportAllocs()
			for b.Loop() {
				if n := c.run(b); n != 10 {
					b.Fatalf("received %d of 10", n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*10), "ns/msg")
			b.ReportMetric(testing.AllocsPerRun(100, func() { c.run(b) })/10, "allocs/msg")
		})
	}
}

type cycle struct {
	s      *localqueue.Server
	queue  string
	send   []types.SendMessageBatchRequestEntry
	delete []types.DeleteMessageBatchRequestEntry
}

func newCycle(s *localqueue.Server, body string) *cycle {
	c := &cycle{s: s, queue: "orders"}
	for i := range 10 {
		id := aws.String(fmt.Sprint(i))
		c.send = append(c.send, types.SendMessageBatchRequestEntry{Id: id, MessageBody: &body})
		c.delete = append(c.delete, types.DeleteMessageBatchRequestEntry{Id: id})
	}
	return c
}

func (c *cycle) run(b testing.TB) int {
	ctx := context.Background()
	if _, err := c.s.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &c.queue, Entries: c.send}); err != nil {
		b.Fatal(err)
	}
	out, err := c.s.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &c.queue, MaxNumberOfMessages: 10})
	if err != nil {
		b.Fatal(err)
	}
	for i, m := range out.Messages {
		c.delete[i].ReceiptHandle = m.ReceiptHandle
	}
	if _, err := c.s.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &c.queue, Entries: c.delete[:len(out.Messages)]}); err != nil {
		b.Fatal(err)
	}
	return len(out.Messages)
}

// BenchmarkParked is messages sent one by one to receivers that wait, 1 or
// 1,000 of them; the median and the 99th percentile from send to receipt.
func BenchmarkParked(b *testing.B) {
	for _, receivers := range []int{1, 1000} {
		b.Run(fmt.Sprint(receivers), func(b *testing.B) {
			s := localqueue.New()
			defer s.Close()
			s.MustCreate("orders")
			ctx, cancel := context.WithCancel(context.Background())
			arrived := make(chan time.Time, receivers)
			var wg sync.WaitGroup
			for range receivers {
				wg.Go(func() { park(ctx, s, arrived) })
			}
			took := make([]time.Duration, 0, 1<<16)
			body := strings.Repeat("x", 100)
			for b.Loop() {
				start := time.Now()
				if _, err := s.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String("orders"), MessageBody: &body}); err != nil {
					b.Fatal(err)
				}
				at := <-arrived
				if len(took) < cap(took) {
					took = append(took, at.Sub(start))
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "p50-ns")
			b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
			cancel()
			wg.Wait()
		})
	}
}

// park receives and deletes until ctx ends.
func park(ctx context.Context, s *localqueue.Server, arrived chan<- time.Time) {
	for {
		out, err := s.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("orders"), WaitTimeSeconds: 20})
		if err != nil {
			return
		}
		for _, m := range out.Messages {
			arrived <- time.Now()
			if _, err := s.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String("orders"), ReceiptHandle: m.ReceiptHandle}); err != nil {
				return
			}
		}
	}
}
