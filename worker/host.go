package worker

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/internal/attr"
)

// A Host has messages handled that something other than a [Worker] has received and is
// to delete, such as AWS Lambda for its SQS trigger, with the meanings that outcomes
// have on a worker. It is made for who builds such a thing: package onlambda has the one
// for AWS Lambda.
//
// What it is about is received in a [Session]: an invocation, a reply, whatever comes at
// one time. In it each message is delivered to the handler ([Session.Deliver]), and what
// comes of that is told to SQS ([Session.Settle]): all but deletes. When messages are
// delivered, how many at once and in which order is for the caller to decide, and so is
// for how long: a Host extends no visibility timeout.
//
// A Host lasts as long as the process: it remembers what it has found out about its
// queue, and which receives of messages were no attempts.
type Host struct {
	client  HostClient // nil: nothing is asked
	handler Handler
	given   HostOptions
	opts    Options
	ledger  *ledger
	grave   *grave

	lookup chan struct{} // held while the queue is looked up; a mutex would hold up virtual time

	mu    sync.Mutex
	queue queue // as far as it is known
	found bool
}

// HostOptions are what a Host may be told besides what it needs.
type HostOptions struct {
	// Owner is the account that has the queue, if that is given by name. Default: the
	// client's.
	Owner string

	// URL is the queue's, if it is given by name and may not be asked for, or there is no
	// client.
	URL string

	// Policy, DeadLetterQueue and Hook are as in [Options]. Events have no Worker.
	Policy          Policy
	DeadLetterQueue string
	Hook            func(ctx context.Context, e Event)
}

// HostClient is the part of SQS that a Host uses; *sqs.Client, *localqueue.Server and
// every [Client] have it. The permissions to match are sqs:ChangeMessageVisibility,
// sqs:GetQueueAttributes, sqs:GetQueueUrl and, on the dead-letter queue, sqs:SendMessage
// and sqs:GetQueueUrl.
type HostClient interface {
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
	GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

var _ HostClient = (*sqs.Client)(nil)

// NewHost makes a Host that has h handle messages of queue, given by its name or its URL.
// With a nil client nothing is asked of SQS: no visibility timeout changes, and there is
// no dead-letter queue. It makes no request. The error is what is wrong with its
// arguments, the set-up of h included, which [Worker.Run] would report too.
func NewHost(c HostClient, queue string, h Handler, opts HostOptions) (*Host, error) {
	var errs []error
	if queue == "" {
		errs = append(errs, errors.New("worker: the queue has no name"))
	}
	if v := reflect.ValueOf(c); c != nil && v.Kind() == reflect.Pointer && v.IsNil() {
		errs = append(errs, errors.New("worker: the client is a nil pointer"))
	}
	if err := errors.Join(append(errs, check(h))...); err != nil {
		return nil, err
	}
	host := &Host{
		client: c, handler: h, given: opts, ledger: newLedger(memorySize), grave: newGrave(),
		opts:   Options{Policy: opts.Policy, DeadLetterQueue: opts.DeadLetterQueue, Hook: opts.Hook},
		lookup: make(chan struct{}, 1), queue: newQueue(queue, opts.Owner),
	}
	host.queue.url = opts.URL
	if attr.IsURL(queue) {
		host.queue.url = queue
	}
	return host, nil
}

var errNoClient = errors.New("worker: there is no client to ask SQS with")

// hostLookUp is for finding a host's queue. What is not found in this time is looked for
// again when it is needed again.
const hostLookUp = 5 * time.Second

// find returns what is known of the queue, having asked for it if nobody has before.
func (h *Host) find(ctx context.Context) (queue, error) {
	if h.client == nil {
		return queue{}, errNoClient
	}
	select {
	case h.lookup <- struct{}{}:
	case <-ctx.Done():
		return queue{}, fmt.Errorf("worker: find queue: %w", context.Cause(ctx))
	}
	defer func() { <-h.lookup }()
	q, found := h.known()
	if found {
		return q, nil
	}
	ctx, cancel := context.WithTimeout(ctx, hostLookUp)
	defer cancel()
	r := h.newRun(ctx, q)
	err := r.find(ctx)
	if attr.Fatal(err) && r.queue.url == "" && h.given.URL != "" { // it may be there, and not be ours to ask for
		r.queue.url = h.given.URL
		err = r.readSettings(ctx)
	}
	if err != nil {
		return queue{}, fmt.Errorf("worker: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.queue, h.found = r.queue, true
	return h.queue, nil
}

// known returns what is known of the queue, and whether that is all.
func (h *Host) known() (queue, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.queue, h.found
}

// newRun returns as much of a run as a host needs: its requests, and their events. They
// carry ctx's values and end with it.
func (h *Host) newRun(ctx context.Context, q queue) *run {
	return &run{
		client: h.client, opts: &h.opts, queue: q, ledger: h.ledger, grave: h.grave,
		values: context.WithoutCancel(ctx), last: ctx,
	}
}
