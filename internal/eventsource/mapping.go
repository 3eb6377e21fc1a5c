package eventsource

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/internal/attr"
	"github.com/quayside-go/quayside/internal/sqsevent"
)

// Client is the part of SQS that a mapping uses.
type Client interface {
	GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
}

// Function is what a mapping invokes.
type Function interface {
	// Acquire waits for an environment that can take an invocation.
	Acquire(context.Context) (Environment, error)
}

// Environment is what one invocation at a time runs in. Its holder releases it.
type Environment interface {
	// Invoke hands the function an event and returns its response. An event that it could not
	// hand over before that time it does not hand over any more. When ctx ends it ends.
	Invoke(ctx context.Context, requestID string, event []byte, before time.Time) ([]byte, error)
	Release()
}

// ErrStopped is why the context of invocations ends that outlast Options.Drain.
var ErrStopped = errors.New("cut off, as there was no more time")

// Mapping is a queue and the rules by which a function gets its messages.
type Mapping struct {
	client Client
	queue  Queue
	o      Options
	held   []message // what did not fit into the batch before; the poller's

	mu     sync.Mutex
	totals Totals
}

// Run invokes f with what comes, until ctx ends; then it waits for what is running, as
// Options.Drain says, and returns nil. If the queue is gone, or must not be received from, or
// f is gone, it ends with that error.
// A Mapping is run once.
func (m *Mapping) Run(ctx context.Context, f Function) error {
	work, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cut(nil)
	var running sync.WaitGroup
	err := m.poll(ctx, f, func(e Environment, batch []message) {
		running.Go(func() {
			defer e.Release()
			m.handle(work, e, batch)
		})
	})
	m.release(m.held)
	limit := time.AfterFunc(m.o.Drain, func() { cut(ErrStopped) })
	defer limit.Stop()
	running.Wait()
	return err
}

// poll gathers batches and has them handled, until ctx ends.
func (m *Mapping) poll(ctx context.Context, f Function, handle func(Environment, []message)) error {
	pause := newBackoff()
	for {
		e, err := f.Acquire(ctx)
		if ctx.Err() != nil {
			if err == nil {
				e.Release()
			}
			return nil
		}
		if err != nil {
			return err
		}
		batch, err := m.gather(ctx)
		switch {
		case ctx.Err() != nil:
			m.release(batch)
			e.Release()
			return nil
		case len(batch) > 0:
			handle(e, batch)
		default:
			e.Release()
		}
		switch {
		case err == nil:
			pause = newBackoff()
		case attr.Fatal(err):
			return fmt.Errorf("receive: %w", err)
		default:
			m.o.OnError(fmt.Errorf("receive, which is tried again: %w", err))
			pause.wait(ctx)
		}
	}
}

// handle invokes the function with a batch, in parts if it is too large for one invocation,
// which only those of FIFO queues are. A group that failed has no more of it handled, and
// parts that would be visible again before the function must be done are left to SQS.
func (m *Mapping) handle(ctx context.Context, e Environment, batch []message) {
	failed := make(map[string]bool) // groups
	for need := time.Duration(0); len(batch) > 0; need = m.o.Timeout {
		var part []message
		part, batch = cutPayload(batch)
		part = m.unlapsed(part, need)
		part = keep(part, func(g *message) bool { return g.group == "" || !failed[g.group] })
		if len(part) == 0 {
			continue
		}
		for _, g := range m.invoke(ctx, e, part, need) {
			failed[g.group] = true
		}
	}
}

// unlapsed returns those messages that stay invisible for so long, and tells of the others.
func (m *Mapping) unlapsed(part []message, need time.Duration) []message {
	until := time.Now().Add(need)
	kept := keep(part, func(g *message) bool { return until.Before(g.visibleAt) })
	if n := len(part) - len(kept); n > 0 {
		m.o.OnError(fmt.Errorf("%d messages waited until their visibility timeout was over, or nearly, and were not handed to the function: they are delivered again", n))
	}
	return kept
}

// invoke invokes the function once, while the batch stays invisible for so long as it needs,
// deletes what it has handled, and returns what it has not.
func (m *Mapping) invoke(ctx context.Context, e Environment, batch []message, need time.Duration) []message {
	r := Report{RequestID: newRequestID(), Records: len(batch)}
	started := time.Now()
	response, err := e.Invoke(ctx, r.RequestID, payload(batch), firstVisible(batch).Add(-need))
	r.Duration = time.Since(started)
	var failed map[string]bool
	if err == nil && !m.o.WholeBatches {
		failed, err = sqsevent.Failures(response, ids(batch))
	}
	r.Err = err
	lost := keep(batch, func(g *message) bool { return err != nil || failed[g.id] })
	done := keep(batch, func(g *message) bool { return err == nil && !failed[g.id] })
	r.Failed = len(lost)
	r.Undeleted, r.DeleteErr = m.delete(ctx, done)
	m.count(r)
	m.o.OnReport(r)
	return lost
}

// firstVisible is when the first of the messages is visible again, and another environment may
// get it.
func firstVisible(batch []message) time.Time {
	first := batch[0].visibleAt
	for i := range batch {
		if at := batch[i].visibleAt; at.Before(first) {
			first = at
		}
	}
	return first
}

// keep returns those messages that are to be kept, in order.
func keep(all []message, wanted func(*message) bool) []message {
	var kept []message
	for i := range all {
		if wanted(&all[i]) {
			kept = append(kept, all[i])
		}
	}
	return kept
}
