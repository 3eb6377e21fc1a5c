package producer

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

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
	message  *Message
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
// full. The queue is looked for before a message is taken: until then its
// caller can withdraw it. If that fails, so does all that is waiting.
func (p *Producer) sender() {
	err := p.find()
	for batch := p.next(); batch != nil; batch = p.next() {
		switch {
		case p.base.Err() != nil:
			fail(batch, fmt.Errorf("not sent: %w", ErrClosed))
		case err != nil:
			fail(batch, err)
		default:
			p.sendBatch(batch)
		}
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

// find looks up the queue's URL if it is not known yet, and starts more senders
// if that has held up many messages. An error is not remembered: the next sender
// asks again.
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
		p.event(Event{Action: "GetQueueUrl", Err: err, Start: start}, nil, nil)
	}
	if err != nil {
		return attr.Explain(p.client, p.queue, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.url = url
	for p.senders < min(p.limitLocked(), (len(p.waiting)+maxBatch-1)/maxBatch) {
		p.senders++
		go p.sender()
	}
	return nil
}
