package producer

import (
	"context"
	"fmt"
	"slices"
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
	s := deref(id)
	i := slices.IndexFunc(ids[:n], func(id *string) bool { return *id == s })
	return i, i >= 0
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
// who else is sending. The request ends with the context of the caller that it is made for
// alone, or p.base.
//
// If SQS refuses a whole request for what may be one message's fault, each is to be sent
// alone, so that nobody gets an error made by somebody else's message.
func (p *Producer) transmit(caller context.Context, batch []*Pending) (os [maxBatch]outcome, err error) {
	ctx, cancel := context.WithTimeout(p.base, requestTimeout)
	defer cancel()
	if caller != p.base && caller.Done() != nil {
		defer context.AfterFunc(caller, cancel)()
	}
	e := Event{Action: "SendMessageBatch", Start: time.Now()}
	out, err := p.client.SendMessageBatch(ctx, p.input(batch), onlyOnce...)
	switch {
	case err == nil && out != nil:
		os = outcomes(len(batch), out)
		e.RequestID = attr.RequestID(out.ResultMetadata)
	case err == nil:
		os = outcomes(len(batch), &sqs.SendMessageBatchOutput{})
	default:
		if ctx.Err() != nil && caller.Err() == nil {
			err = ended(ctx, err)
		}
		o := outcome{err: attr.Explain(p.client, p.queue, err), again: passing(err), unsure: unsure(err)}
		o.divide = len(batch) > 1 && divisible(err)
		for i := range batch {
			os[i] = o
		}
	}
	e.Err = err
	p.sent(e, batch, &os)
	return os, err
}

// ended is the error of a request that the producer itself has ended, as nobody's context
// has.
func ended(ctx context.Context, err error) error {
	if ctx.Err() == context.DeadlineExceeded {
		return fmt.Errorf("no answer within %v: %v", requestTimeout, err)
	}
	return fmt.Errorf("cut short by Close: %v", err)
}

// input is the request for batch.
func (p *Producer) input(batch []*Pending) *sqs.SendMessageBatchInput {
	in := &sqs.SendMessageBatchInput{
		QueueUrl: &p.url, // not written again once it is set
		Entries:  make([]types.SendMessageBatchRequestEntry, len(batch)),
	}
	for i, c := range batch {
		in.Entries[i] = c.message.entry()
		in.Entries[i].Id = ids[i]
	}
	return in
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
	ended := true
	defer func() {
		if ended { // by the client or the hook, as testing.T.FailNow does
			p.mu.Lock()
			p.failWaitingLocked(func(*Pending) error { return attr.Unsent(errPanicked) })
			p.mu.Unlock()
			p.release()
		}
	}()
	url, err := p.lookUp()
	wanted := true
	for n := 1; wanted && err != nil && n < p.opts.Tries && passing(err); n++ {
		if wanted = p.wait(backoff(n)); wanted {
			url, err = p.lookUp()
		}
	}
	ended = false
	p.mu.Lock()
	p.senders--
	switch {
	case err == nil:
		p.url = url
	case wanted:
		err = attr.Explain(p.client, p.queue, err)
		p.failWaitingLocked(func(*Pending) error { return attr.Unsent(err) })
	}
	p.startLocked()
	p.mu.Unlock()
}

// wait waits for d. It returns false at once when nobody waits for anything to be sent any
// more, and true when Close has waited long enough.
func (p *Producer) wait(d time.Duration) (wanted bool) {
	p.mu.Lock()
	if p.pending == 0 {
		p.mu.Unlock()
		return false
	}
	unwanted := make(chan struct{})
	p.unwanted = unwanted
	p.mu.Unlock()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-unwanted:
		return false
	case <-t.C:
	case <-p.base.Done():
	}
	return true
}

func (p *Producer) lookUp() (string, error) {
	ctx, cancel := context.WithTimeout(p.base, requestTimeout)
	defer cancel()
	start := time.Now()
	url, asked, err := attr.Resolve(ctx, once{p.client}, p.queue)
	if asked {
		p.event(Event{Action: "GetQueueUrl", Err: err, Start: start})
	}
	return url, err
}

// once is a client that makes a look-up once.
type once struct{ Client }

func (c once) GetQueueUrl(ctx context.Context, in *sqs.GetQueueUrlInput, _ ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	return c.Client.GetQueueUrl(ctx, in, onlyOnce...)
}
