package producer

import (
	"time"

	"github.com/quayside-go/quayside/internal/attr"
)

// Event is a request to SQS that was answered or has failed: one call of the Client.
// With *sqs.Client it is what SQS bills: the producer repeats requests itself, and each
// try is an event.
type Event struct {
	Queue     string // name of the queue
	URL       string // of the queue; "" until it is found
	Action    string // the SQS action: "SendMessageBatch" or "GetQueueUrl"
	RequestID string // what SQS calls the request, if it said so

	// Messages are those that the request carried, as they were sent. They must not be
	// changed. Refused holds, for each of them, why SQS would not take it, or that the reply
	// does not mention it, and nil for those that it took; it is empty if SQS took all, and
	// if Err is set.
	Messages []*Message
	Refused  []error

	Err      error // of the request as a whole
	Start    time.Time
	Duration time.Duration
}

// sent tells the hook, if there is one, of a request that carried batch, of which os has
// become.
func (p *Producer) sent(e Event, batch []*Pending, os *[maxBatch]outcome) {
	if p.opts.Hook == nil {
		return
	}
	e.URL = p.url
	e.Messages = make([]*Message, len(batch))
	for i, c := range batch {
		e.Messages[i] = &c.message
		if e.Err == nil && os[i].err != nil {
			if e.Refused == nil {
				e.Refused = make([]error, len(batch))
			}
			e.Refused[i] = os[i].err
		}
	}
	p.event(e)
}

// event tells the hook, if there is one, of a request that began at e.Start.
func (p *Producer) event(e Event) {
	if p.opts.Hook == nil {
		return
	}
	e.Duration = time.Since(e.Start)
	e.Queue = p.name
	if e.Err != nil {
		e.RequestID = attr.FailedRequest(e.Err)
	}
	p.opts.Hook(p.base, e)
}
