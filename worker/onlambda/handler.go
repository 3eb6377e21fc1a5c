package onlambda

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/quayside-go/quayside/worker"
)

// Handler makes a function for lambda.Start that has h handle the messages of SQS events.
// It may be called by several goroutines at once. Its error is that of an event or of a
// set-up that nothing can be done with; the whole batch comes again then. What is wrong
// with h or with options is the error of each invocation.
func Handler(h worker.Handler, opts ...func(*Options)) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	o, err := newOptions(opts)
	t := &trigger{handler: h, opts: o, wrong: err, hosts: make(map[source]*worker.Host)}
	return t.handle
}

// A trigger is what lasts from one invocation to the next.
type trigger struct {
	handler worker.Handler
	opts    Options
	wrong   error // with the options

	mu    sync.Mutex
	hosts map[source]*worker.Host
}

// handle is the function.
func (t *trigger) handle(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	now := time.Now()
	if t.wrong != nil {
		return events.SQSEventResponse{}, t.wrong
	}
	sources, err := t.sources(e)
	if err != nil {
		return events.SQSEventResponse{}, err
	}
	left := t.opts.timeOf(ctx, now)
	requests, end := left.ofRequests(context.WithoutCancel(ctx))
	defer end()
	b := newBatch(t.opts)
	sessions := make(map[source]*worker.Session)
	for i, r := range e.Records {
		from := sources[i]
		if sessions[from] == nil {
			host, err := t.host(from)
			if err != nil {
				return events.SQSEventResponse{}, err
			}
			sessions[from] = host.Open(requests)
		}
		b.add(r.MessageId, from, sessions[from], sessions[from].Message(message(r), now))
	}
	b.run(ctx, left, end)
	b.settle(requests, left.margin/8)
	return b.response(), nil
}

// host returns the host for what comes from a queue. It is made once.
func (t *trigger) host(from source) (*worker.Host, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if h := t.hosts[from]; h != nil {
		return h, nil
	}
	h, err := worker.NewHost(t.opts.Client, from.queue, t.handler, worker.HostOptions{
		Owner: from.owner, URL: from.url,
		Policy: t.opts.Policy, DeadLetterQueue: t.opts.DeadLetterQueue, Hook: t.opts.Hook,
	})
	if err != nil {
		return nil, fmt.Errorf("onlambda: %w", err)
	}
	t.hosts[from] = h
	return h, nil
}
