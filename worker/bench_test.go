package worker_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

// filled returns a queue "orders" in memory with b.N messages, b.N rounded up to
// a multiple of ten.
func filled(b *testing.B) (q *local, n int) {
	q = newLocal(b, "orders")
	url := q.url("orders")
	for ; n < b.N; n += 10 {
		in := &sqs.SendMessageBatchInput{QueueUrl: url}
		for i := range 10 {
			in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: new(strconv.Itoa(i)), MessageBody: new("body")})
		}
		if _, err := q.SendMessageBatch(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	return q, n
}

// BenchmarkBare is the yardstick: a loop that receives and deletes by tens. The
// rest of BenchmarkWorker is what the worker costs, per message.
func BenchmarkBare(b *testing.B) {
	q, n := filled(b)
	url := q.url("orders")
	for done := 0; done < n; {
		out, err := q.ReceiveMessage(b.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 20,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
			MessageAttributeNames:       []string{"All"},
		})
		if err != nil {
			b.Fatal(err)
		}
		in := &sqs.DeleteMessageBatchInput{QueueUrl: url}
		for i, m := range out.Messages {
			in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: new(strconv.Itoa(i)), ReceiptHandle: m.ReceiptHandle})
		}
		if _, err := q.DeleteMessageBatch(b.Context(), in); err != nil {
			b.Fatal(err)
		}
		done += len(out.Messages)
	}
}

func BenchmarkWorker(b *testing.B) {
	q, n := filled(b)
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	var done atomic.Int64
	err := worker.New(q, "orders", worker.HandlerFunc(func(context.Context, *worker.Message) error {
		if done.Add(1) == int64(n) {
			stop()
		}
		return nil
	}), concurrency(100)).Run(ctx)
	if err != nil {
		b.Fatal(err)
	}
}
