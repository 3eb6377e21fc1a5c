package worker_test

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

var errSoakDead = errors.New("the process is dead")

// soakClient is the client of a process: it tells the watch of what is asked and
// answered, and is cut off when the process dies.
type soakClient struct {
	worker.Client
	process *soakProcess
	watch   *soakWatch
}

// soakCall makes a call that ends with the process.
func soakCall[I, O any](ctx context.Context, p *soakProcess, in *I, opts []func(*sqs.Options),
	call func(context.Context, *I, ...func(*sqs.Options)) (*O, error),
) (*O, error) {
	if p.over.Load() {
		p.watch.t.Errorf("seed %d: %s makes a request, %T, after its end", p.watch.seed, p.name, in)
	}
	if p.dead.Err() != nil {
		return nil, errSoakDead
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.dead, cancel)()
	out, err := call(ctx, in, opts...)
	if p.dead.Err() != nil {
		return nil, errSoakDead
	}
	return out, err
}

func (c *soakClient) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, opts ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	out, err := soakCall(ctx, c.process, in, opts, c.Client.ReceiveMessage)
	if err == nil {
		c.watch.received(c.process, *in.QueueUrl, out.Messages)
	}
	return out, err
}

func (c *soakClient) DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	c.watch.deletes(c.process, in)
	out, err := soakCall(ctx, c.process, in, opts, c.Client.DeleteMessageBatch)
	if err == nil {
		c.watch.deleted(in, out)
	}
	return out, err
}

func (c *soakClient) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, opts ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	c.watch.changes(c.process, in)
	out, err := soakCall(ctx, c.process, in, opts, c.Client.ChangeMessageVisibilityBatch)
	if err == nil {
		c.watch.changed(in, out)
	}
	return out, err
}

func (c *soakClient) SendMessage(ctx context.Context, in *sqs.SendMessageInput, opts ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	return soakCall(ctx, c.process, in, opts, c.Client.SendMessage)
}

// These two are repeated by an SDK client.

func (c *soakClient) GetQueueUrl(ctx context.Context, in *sqs.GetQueueUrlInput, opts ...func(*sqs.Options)) (out *sqs.GetQueueUrlOutput, err error) {
	for range 20 {
		if out, err = soakCall(ctx, c.process, in, opts, c.Client.GetQueueUrl); err == nil {
			break
		}
	}
	return out, err
}

func (c *soakClient) GetQueueAttributes(ctx context.Context, in *sqs.GetQueueAttributesInput, opts ...func(*sqs.Options)) (out *sqs.GetQueueAttributesOutput, err error) {
	for range 20 {
		if out, err = soakCall(ctx, c.process, in, opts, c.Client.GetQueueAttributes); err == nil {
			break
		}
	}
	return out, err
}

// received takes note of messages that a poll has brought.
func (w *soakWatch) received(p *soakProcess, url string, ms []types.Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range ms {
		c := w.copies[*m.MessageId]
		if c == nil {
			c = &soakCopy{id: *m.MessageId, queue: soakQueueOf(url), job: soakJobOf(*m.Body)}
			w.copies[c.id] = c
		}
		d := &soakDelivery{copy: c, process: p, receives: soakNumber(m.Attributes["ApproximateReceiveCount"])}
		d.lasts = time.Now().Add(c.queue.visibility)
		d.expires = d.lasts
		w.log.add(soakEntry{who: p.name, what: "receives", about: c, count: d.receives})
		w.counts["receives"]++
		w.early(c)
		c.last = d
		w.deliveries[*m.ReceiptHandle] = d
	}
}

// early judges a receive of a message that is invisible, as far as workers know. Only a
// fault makes one; from then on nobody can be sure of the message. At the very instant
// at which its visibility timeout ends, its handler may be about to be told.
// w.mu must be held.
func (w *soakWatch) early(c *soakCopy) {
	now := time.Now()
	if c.last == nil || now.After(c.last.lasts) || now.Equal(c.last.lasts) && len(c.running) == 0 {
		return
	}
	switch {
	case w.faults && !c.queue.fifo():
		c.doubled = true
		w.counts["doubled"]++
	case now.Before(c.last.lasts):
		w.complain(c, "it is received %v before it was to be visible", c.last.lasts.Sub(now))
	}
}

func soakQueueOf(url string) soakQueue {
	for _, q := range soakQueues {
		if strings.HasSuffix("/"+url, "/"+q.name) {
			return q
		}
	}
	panic("soak: no queue " + url)
}
