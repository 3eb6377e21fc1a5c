package worker

import (
	"context"
	"crypto/rand"
	randv2 "math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
)

const (
	batchSize = 10 // messages or entries that a request may hold; SQS's limit

	// receiveTimeout frees a poll whose connection has died unnoticed.
	receiveTimeout = 60 * time.Second
)

// onlyOnce keeps the SDK from repeating requests: the worker does so itself, at its
// own pace, with a fresh ReceiveRequestAttemptId where that is due, and each
// request that SQS bills is one event.
var onlyOnce = []func(*sqs.Options){func(o *sqs.Options) { o.Retryer = aws.NopRetryer{} }}

// attempt is a poller's receive. From a FIFO queue it has a ReceiveRequestAttemptId:
// SQS answers a second request with the same id by what it answered to the first, with
// as many messages, so it is repeated, for as many, while no answer has come. After any
// answer it is made anew: after throttling, SQS would take the new request for the old
// one.
type attempt struct {
	fifo  bool
	id    string
	grant grant
	wait  time.Duration
}

// open reports whether the request was made and not answered.
func (a *attempt) open() bool { return a.id != "" }

// next returns the id of the next request.
func (a *attempt) next() *string {
	if !a.fifo {
		return nil
	}
	if a.id == "" {
		a.id = rand.Text()
	}
	id := a.id
	return &id
}

func (a *attempt) ended(ctx context.Context, err error) {
	if err == nil || answered(err) || wrong(err) || ctx.Err() != nil {
		a.id = ""
	}
}

var (
	systemAttributes  = []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll}
	messageAttributes = []string{"All"}
)

// receive makes one request for at most n messages. It returns those that came
// even if there is an error as well.
func (r *run) receive(ctx context.Context, n int, wait time.Duration, attempt *string) ([]*Message, error) {
	in := &sqs.ReceiveMessageInput{
		QueueUrl:                    &r.queue.url,
		MaxNumberOfMessages:         int32(n),
		WaitTimeSeconds:             int32(wait / time.Second),
		MessageSystemAttributeNames: systemAttributes,
		MessageAttributeNames:       messageAttributes,
		ReceiveRequestAttemptId:     attempt,
	}
	if r.queue.explicit {
		in.VisibilityTimeout = int32(r.queue.visibility / time.Second)
	}
	start := time.Now()
	timed, cancel := context.WithTimeout(ctx, receiveTimeout)
	defer cancel()
	out, err := r.worker.client.ReceiveMessage(timed, in, onlyOnce...)
	e := Event{Action: "ReceiveMessage", Start: start}
	var ms []*Message
	if out != nil {
		e.RequestID = attr.RequestID(out.ResultMetadata)
		now := time.Now()
		ms = make([]*Message, len(out.Messages))
		l := newLease(start, now, r.queue.visibility)
		for i := range out.Messages {
			ms[i] = r.newMessage(out.Messages[i], l, now)
		}
	}
	if err != nil && ctx.Err() != nil {
		err = ErrDraining // rather than however the client puts it
	}
	e.Err = err
	r.stats.received.Add(int64(len(ms)))
	r.request(e, func() []*Message { return slices.Clone(ms) })
	return ms, err
}

// backoff returns how long to wait after the n-th failure in a row: 100 ms
// doubled each time, at most 10 s, of which a random part of up to a half is
// taken off so that workers do not come back all at once.
func backoff(n int) time.Duration {
	d := min(100*time.Millisecond<<min(n-1, 10), 10*time.Second)
	return d - randv2.N(d/2)
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
