package producer

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/internal/attr"
)

const (
	// parallel is how many requests may be under way at once to a standard
	// queue. To a FIFO queue it is one, which keeps the order of each group.
	parallel = 4
	// requestTimeout is for one request, the SDK's retries included: it ends
	// those whose connection has died unnoticed.
	requestTimeout = 30 * time.Second
)

// call is a message on its way, and its caller waiting for the answer.
type call struct {
	entry    types.SendMessageBatchRequestEntry
	size     int
	answered chan struct{} // closed once sent or err is set
	sent     Sent
	err      error
}

func (c *call) answer(s Sent, err error) {
	c.sent, c.err = s, err
	close(c.answered)
}

// limitLocked is how many senders there may be. Until the queue is found there
// is one, so that it is looked for once. p.mu must be held.
func (p *Producer) limitLocked() int {
	if p.fifo || p.url == "" {
		return 1
	}
	return parallel
}

// sender sends while something is waiting: what arrives during one request is
// the next. So a message never waits for company, and under load requests are
// full.
func (p *Producer) sender() {
	for {
		batch := p.next()
		if batch == nil {
			return
		}
		if err := p.find(); err != nil {
			fail(batch, err)
			continue
		}
		p.sendBatch(batch)
	}
}

// next takes the next batch off the front of what is waiting: up to ten
// messages and 1 MiB. With nothing waiting it ends the sender and returns nil.
func (p *Producer) next() []*call {
	p.mu.Lock()
	defer p.mu.Unlock()
	n, size := 0, 0
	for n < len(p.waiting) && n < maxBatch && size+p.waiting[n].size <= maxBytes {
		size += p.waiting[n].size
		n++
	}
	if n == 0 {
		p.senders--
		if p.senders == 0 && p.idle != nil {
			close(p.idle)
		}
		return nil
	}
	batch := p.waiting[:n:n]
	p.waiting = p.waiting[n:]
	return batch
}

// find looks up the queue's URL if it is not known yet. An error is not
// remembered: the next batch asks again.
func (p *Producer) find() error {
	p.mu.Lock()
	url := p.url
	p.mu.Unlock()
	if url != "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(p.base, requestTimeout)
	defer cancel()
	start := time.Now()
	url, asked, err := attr.Resolve(ctx, p.client, p.queue)
	if asked {
		p.event(Event{Action: "GetQueueUrl", Err: err, Start: start})
	}
	if err != nil {
		return attr.Explain(p.client, p.queue, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.url = url
	for p.senders < min(p.limitLocked(), 1+(len(p.waiting)+maxBatch-1)/maxBatch) {
		p.senders++
		go p.sender()
	}
	return nil
}

// sendBatch makes one request and answers the calls in it. It uses
// SendMessageBatch for a single message as well: price and permission are the
// same as SendMessage's, and errors do not depend on who else is sending.
//
// If SQS refuses a whole request for what may be one message's fault, each is
// sent alone, so that nobody gets an error made by somebody else's message.
func (p *Producer) sendBatch(batch []*call) {
	in := &sqs.SendMessageBatchInput{
		QueueUrl: &p.url, // not written again once it is set
		Entries:  make([]types.SendMessageBatchRequestEntry, len(batch)),
	}
	for i, c := range batch {
		c.entry.Id = new(strconv.Itoa(i))
		in.Entries[i] = c.entry
	}
	ctx, cancel := context.WithTimeout(p.base, requestTimeout)
	defer cancel()
	start := time.Now()
	out, err := p.client.SendMessageBatch(ctx, in)
	e := Event{Action: "SendMessageBatch", Messages: len(batch), Err: err, Start: start}
	if err == nil && out == nil {
		out = &sqs.SendMessageBatchOutput{}
	}
	if err == nil {
		e.Refused = len(out.Failed)
	}
	p.event(e)
	switch {
	case err == nil:
		distribute(batch, out)
	case len(batch) > 1 && divisible(err):
		for i := range batch {
			p.sendBatch(batch[i : i+1])
		}
	default:
		fail(batch, attr.Explain(p.client, p.queue, err))
	}
}

// divisible reports whether one message may have spoilt a request: SQS has
// refused it as wrong in itself, rather than for who asks, where or how often.
func divisible(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "InvalidParameterValue", "InvalidParameterValueException",
		"MissingParameter", "MissingRequiredParameterException",
		"InvalidMessageContents", "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation",
		"BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong":
		return true
	}
	return false
}

var errUnanswered = errors.New("the reply does not mention the message, which may have been sent")

// distribute answers each call with its entry of the reply.
func distribute(batch []*call, out *sqs.SendMessageBatchOutput) {
	for _, r := range out.Successful {
		if i, ok := position(r.Id, batch); ok {
			batch[i].answer(Sent{ID: deref(r.MessageId), Sequence: deref(r.SequenceNumber)}, nil)
			batch[i] = nil
		}
	}
	for _, r := range out.Failed {
		if i, ok := position(r.Id, batch); ok {
			e := &smithy.GenericAPIError{Code: deref(r.Code), Message: deref(r.Message), Fault: smithy.FaultServer}
			if r.SenderFault {
				e.Fault = smithy.FaultClient
			}
			batch[i].answer(Sent{}, e)
			batch[i] = nil
		}
	}
	fail(batch, errUnanswered)
}

// position returns the index that id stands for, if its call awaits an answer.
func position(id *string, batch []*call) (int, bool) {
	i, err := strconv.Atoi(deref(id))
	return i, err == nil && i >= 0 && i < len(batch) && batch[i] != nil
}

// fail answers those of batch that have no answer yet with err.
func fail(batch []*call, err error) {
	for _, c := range batch {
		if c != nil {
			c.answer(Sent{}, err)
		}
	}
}

// event tells the hook, if there is one.
func (p *Producer) event(e Event) {
	if p.opts.Hook == nil {
		return
	}
	e.Queue, e.Duration = p.name, time.Since(e.Start)
	p.opts.Hook(p.base, e)
}
