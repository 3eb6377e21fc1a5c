package producer

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
)

// requestTimeout is for one request: it ends those whose connection has died unnoticed.
const requestTimeout = 30 * time.Second

// onlyOnce keeps the SDK from repeating requests: the producer does so itself, for the
// messages that need it, and each request that SQS bills is one event.
var onlyOnce = []func(*sqs.Options){func(o *sqs.Options) { o.Retryer = aws.NopRetryer{} }}

// ids are the entries' ids: their places.
var ids = func() (ids [maxBatch]*string) {
	for i := range ids {
		ids[i] = new(strconv.Itoa(i))
	}
	return ids
}()

// position returns the index that id stands for in a batch of n.
func position(id *string, n int) (int, bool) {
	i, err := strconv.Atoi(deref(id))
	return i, err == nil && i >= 0 && i < n
}

// outcome is what became of a message in one request.
type outcome struct {
	sent   Sent
	err    error // nil: it is stored
	again  bool  // what failed may pass
	divide bool  // the request was refused as a whole, perhaps for another message
	unsure bool  // it may be stored all the same
}

// transmit makes one request for batch and says what became of each message in it, and
// the error of the request as a whole. It uses SendMessageBatch for a single message as
// well: price and permission are the same as SendMessage's, and errors do not depend on
// who else is sending.
//
// If SQS refuses a whole request for what may be one message's fault, each is to be sent
// alone, so that nobody gets an error made by somebody else's message.
func (p *Producer) transmit(caller context.Context, batch []*Pending) (os [maxBatch]outcome, err error) {
	out, err := p.request(caller, batch)
	if err == nil {
		return outcomes(len(batch), out), nil
	}
	o := outcome{err: attr.Explain(p.client, p.queue, err), again: passing(err), unsure: unsure(err)}
	o.divide = !o.again && len(batch) > 1 && divisible(err)
	for i := range batch {
		os[i] = o
	}
	return os, err
}

// request makes one request for batch. It ends with the context of the caller that it is
// made for alone, or p.base.
func (p *Producer) request(caller context.Context, batch []*Pending) (*sqs.SendMessageBatchOutput, error) {
	in := &sqs.SendMessageBatchInput{
		QueueUrl: &p.url, // not written again once it is set
		Entries:  make([]types.SendMessageBatchRequestEntry, len(batch)),
	}
	for i, c := range batch {
		in.Entries[i] = c.message.entry()
		in.Entries[i].Id = ids[i]
	}
	ctx, cancel := context.WithTimeout(p.base, requestTimeout)
	defer cancel()
	if caller != p.base && caller.Done() != nil {
		defer context.AfterFunc(caller, cancel)()
	}
	start := time.Now()
	out, err := p.client.SendMessageBatch(ctx, in, onlyOnce...)
	if err == nil && out == nil {
		out = &sqs.SendMessageBatchOutput{}
	}
	p.event(Event{Action: "SendMessageBatch", Err: err, Start: start}, batch, out)
	return out, err
}

// outcomes reads the reply to a request for n messages.
func outcomes(n int, out *sqs.SendMessageBatchOutput) (os [maxBatch]outcome) {
	for i := range n {
		os[i] = outcome{err: errUnmentioned, again: true, unsure: true}
	}
	for _, r := range out.Failed {
		if i, ok := position(r.Id, n); ok {
			os[i] = outcome{err: refusal(r), again: !r.SenderFault}
		}
	}
	for i := range out.Successful {
		r := &out.Successful[i]
		if i, ok := position(r.Id, n); ok {
			os[i] = outcome{sent: Sent{ID: deref(r.MessageId), Sequence: deref(r.SequenceNumber)}}
		}
	}
	return os
}

// find looks the queue up, so that it is done once, and before any message is taken:
// until then its caller can withdraw it. If that fails, so does all that is waiting. An
// error is not remembered: the next message has the queue looked for again.
func (p *Producer) find() {
	var url string
	var err error
	for n := 1; ; n++ {
		url, err = p.lookUp()
		if err == nil || n >= p.opts.Tries || !passing(err) || !p.wanted() {
			break
		}
		sleep(p.base, backoff(n))
	}
	p.mu.Lock()
	p.senders--
	var failed []*Pending
	if err == nil {
		p.url = url
	} else {
		err = attr.Explain(p.client, p.queue, err)
		failed = p.failWaitingLocked(func(*Pending) error { return attr.Unsent(err) })
	}
	p.startLocked()
	p.mu.Unlock()
	for _, c := range failed {
		c.announce()
	}
}

// wanted reports whether anybody still waits for something to be sent.
func (p *Producer) wanted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pending > 0
}

func (p *Producer) lookUp() (string, error) {
	ctx, cancel := context.WithTimeout(p.base, requestTimeout)
	defer cancel()
	start := time.Now()
	url, asked, err := attr.Resolve(ctx, once{p.client}, p.queue)
	if asked {
		p.event(Event{Action: "GetQueueUrl", Err: err, Start: start}, nil, nil)
	}
	return url, err
}

// once is a client that makes a look-up once.
type once struct{ Client }

func (c once) GetQueueUrl(ctx context.Context, in *sqs.GetQueueUrlInput, _ ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	return c.Client.GetQueueUrl(ctx, in, onlyOnce...)
}
