package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/worker"
)

// How long a received job stays invisible. With -dir the rest of the run waits that long for the jobs
// that a killed process had in hand. Reading a file keeps its job invisible longer, so both are long
// enough for any file.
const (
	leaseInMemory = 15 * time.Minute
	leaseOnDisk   = 10 * time.Second
)

// A lease keeps a job invisible while its file is read.
type lease struct {
	client client
	queue  string
	handle *string
	length time.Duration
	renews time.Time
}

// renew begins the lease anew if a third of it is over. If that fails, the job may come back, which
// claims knows how to take.
func (l *lease) renew(ctx context.Context) {
	if l == nil || time.Now().Before(l.renews) {
		return
	}
	l.renews = time.Now().Add(l.length / 3)
	_, _ = l.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &l.queue, ReceiptHandle: l.handle, VisibilityTimeout: int32(l.length / time.Second),
	})
}

// leaseOf is the lease of the message that ctx is of; nil if it is of none.
func (h *hasher) leaseOf(ctx context.Context) *lease {
	m, ok := worker.FromContext(ctx)
	if !ok {
		return nil
	}
	return &lease{h.client, h.jobs, m.SDK().ReceiptHandle, h.lease, m.ReceivedAt.Add(h.lease / 3)}
}
