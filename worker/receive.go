package worker

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	batchSize = 10 // messages or entries that a request may hold; SQS's limit
	longPoll  = 20 * time.Second

	// receiveTimeout frees a poll whose connection has died unnoticed. It leaves
	// the SDK room for a retry.
	receiveTimeout = 60 * time.Second
	// soon is how early an empty reply to a long poll is suspicious: SQS gives
	// one, without an error, when too many messages are in flight.
	soon = time.Second
)

// poll receives messages and starts chains for them until ctx is done, when it
// returns nil, or until it is useless to go on, when it returns why. Messages
// that came too late to be started are returned in either case.
func (r *run) poll(ctx context.Context) (unstarted []*Message, err error) {
	for failures := 0; ; {
		r.settler.deletes.wait(ctx, r.maxUndeleted())
		n := r.takePermits(ctx)
		if n == 0 {
			return nil, stopped(ctx)
		}
		start := time.Now()
		ms, err := r.receive(ctx, n)
		if ctx.Err() != nil {
			r.freePermits(n)
			return ms, stopped(ctx)
		}
		r.freePermits(n - r.dispatch(ms, n))
		switch {
		case fatal(err), wrong(err):
			return nil, fmt.Errorf("worker: receive from %q: %w", r.queue.name, r.explain(err))
		case err != nil, len(ms) == 0 && time.Since(start) < soon:
			failures++
			sleep(ctx, backoff(failures))
		default:
			failures = 0
		}
	}
}

// stopped returns why polling has stopped: nil if Run's context has ended.
func stopped(ctx context.Context) error {
	if e, ok := context.Cause(ctx).(*haltError); ok {
		return e.error
	}
	return nil
}

// receive makes one request for at most n messages. It returns those that came
// even if there is an error as well.
func (r *run) receive(ctx context.Context, n int) ([]*Message, error) {
	in := &sqs.ReceiveMessageInput{
		QueueUrl:                    &r.queue.url,
		MaxNumberOfMessages:         int32(n),
		WaitTimeSeconds:             int32(longPoll / time.Second),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		MessageAttributeNames:       []string{"All"},
	}
	if r.queue.explicit {
		in.VisibilityTimeout = int32(r.queue.visibility / time.Second)
	}
	start := time.Now()
	timed, cancel := context.WithTimeout(ctx, receiveTimeout)
	defer cancel()
	out, err := r.worker.client.ReceiveMessage(timed, in)
	var ms []*Message
	if out != nil {
		now := time.Now()
		ms = make([]*Message, len(out.Messages))
		for i := range out.Messages {
			ms[i] = newMessage(r.queue, out.Messages[i], start, now, r.opts.Policy)
		}
	}
	if err != nil && ctx.Err() != nil {
		err = ErrDraining // rather than however the client puts it
	}
	r.request("ReceiveMessage", start, slices.Clone(ms), err)
	return ms, err
}

// backoff returns how long to wait after the n-th failure in a row: 100 ms
// doubled each time, at most 10 s, of which a random part of up to a half is
// taken off so that workers do not come back all at once.
func backoff(n int) time.Duration {
	d := min(100*time.Millisecond<<min(n-1, 10), 10*time.Second)
	return d - rand.N(d/2)
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
