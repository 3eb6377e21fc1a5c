package worker

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
)

const (
	// buryTries and buryTimeout bound how long a handler's place is used for
	// sending a copy to the dead-letter queue.
	buryTries   = 4
	buryTimeout = 10 * time.Second
)

var errNoDeadLetters = errors.New("worker: no dead-letter queue is known: the queue has no redrive policy, or it could not be read")

// deadLetterNote is what the attribute attr.DeadLetter of a copy in a dead-letter
// queue holds, as JSON.
type deadLetterNote struct {
	Queue    string    `json:"queue"`
	ID       string    `json:"message_id"`
	Reason   string    `json:"reason"`
	Attempts int       `json:"attempts"`
	Receives int       `json:"receives"`
	SentAt   time.Time `json:"sent_at"`
	FirstAt  time.Time `json:"first_received_at"`
	MovedAt  time.Time `json:"moved_at"`
}

// bury sends a copy of m to the dead-letter queue, because of reason, while m is still
// leased, and returns the outcome: DeadLettered, or, if there is no such queue or it
// does not take the copy, that of a failure.
func (r *run) bury(m *Message, reason error) (outcome, error) {
	return r.buried(m, reason, r.sendCopy(m, reason))
}

// buried is what becomes of m once the sending of its copy is over.
func (r *run) buried(m *Message, reason, sent error) (outcome, error) {
	if sent == nil {
		return outcome{kind: DeadLettered}, reason
	}
	r.event(r.values, Event{Kind: EventUnsettled, Action: "SendMessage", Message: m, Err: sent})
	return failure(m, reason)
}

func (r *run) sendCopy(m *Message, reason error) error {
	url, err := r.deadLetterURL()
	if err != nil {
		return err
	}
	in := copyOf(m, url, reason)
	for try := 1; ; try++ {
		start := time.Now()
		ctx, cancel := context.WithTimeout(r.last, buryTimeout)
		out, err := r.client.SendMessage(ctx, in, onlyOnce...)
		cancel()
		e := Event{Action: "SendMessage", Queue: attr.QueueName(url), URL: url, Err: err, Start: start}
		if out != nil {
			e.RequestID = attr.RequestID(out.ResultMetadata)
		}
		r.request(e, func() []*Message { return []*Message{m} })
		if wrong(err) && in.MessageAttributes[attr.DeadLetter].StringValue != nil {
			delete(in.MessageAttributes, attr.DeadLetter) // with it, the message may be too large
			continue
		}
		if err == nil || !passing(err) || try == buryTries || r.last.Err() != nil {
			return err
		}
		sleep(r.last, backoff(try))
	}
}

// copyOf returns the request that sends a copy of m, as SQS delivered it, to the queue
// at url. Sending it twice makes no second copy on a FIFO queue.
func copyOf(m *Message, url string, reason error) *sqs.SendMessageInput {
	in := &sqs.SendMessageInput{QueueUrl: &url, MessageBody: m.sdk.Body, MessageAttributes: maps.Clone(m.sdk.MessageAttributes)}
	if m.Group != "" {
		in.MessageGroupId = &m.Group
	}
	if attr.IsFIFO(url) {
		in.MessageDeduplicationId = &m.ID
		in.MessageGroupId = cmp.Or(in.MessageGroupId, &m.ID) // a group of its own
	}
	if trace := m.sdk.Attributes[string(types.MessageSystemAttributeNameAWSTraceHeader)]; trace != "" {
		in.MessageSystemAttributes = map[string]types.MessageSystemAttributeValue{
			string(types.MessageSystemAttributeNameForSendsAWSTraceHeader): {DataType: new("String"), StringValue: &trace},
		}
	}
	if _, again := in.MessageAttributes[attr.DeadLetter]; again || len(in.MessageAttributes) < attr.MaxAttributes {
		note, _ := json.Marshal(deadLetterNote{ // it has nothing that cannot be encoded
			Queue: m.Queue, ID: m.ID, Reason: clip(why(reason)), Attempts: m.Attempts, Receives: m.Receives,
			SentAt: m.SentAt, FirstAt: m.systemTime(types.MessageSystemAttributeNameApproximateFirstReceiveTimestamp),
			MovedAt: time.Now(),
		})
		if in.MessageAttributes == nil {
			in.MessageAttributes = make(map[string]types.MessageAttributeValue)
		}
		in.MessageAttributes[attr.DeadLetter] = types.MessageAttributeValue{DataType: new("String"), StringValue: new(string(note))}
	}
	return in
}

// why puts a reason in words, without saying that it is one for dead-lettering.
func why(reason error) string {
	if d, ok := reason.(*deadLetter); ok && d.err != nil {
		return d.err.Error()
	}
	return fmt.Sprint(reason)
}

// clip bounds a reason, which takes part in the size of the message.
func clip(s string) string {
	const most = 1000
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}

// deadLetterURL returns where copies go. It is looked up once.
func (r *run) deadLetterURL() (string, error) {
	name, owner := r.opts.DeadLetterQueue, ""
	if name == "" {
		name, owner = r.queue.deadLetter, r.queue.deadLetterOwner
	}
	if name == "" {
		return "", errNoDeadLetters
	}
	select {
	case r.grave.lock <- struct{}{}:
	case <-r.last.Done():
		return "", fmt.Errorf("worker: find dead-letter queue %q: %w", name, context.Cause(r.last))
	}
	defer func() { <-r.grave.lock }()
	if r.grave.url != "" {
		return r.grave.url, nil
	}
	start := time.Now()
	ctx, cancel := context.WithTimeout(r.last, buryTimeout)
	defer cancel()
	url, asked, err := attr.ResolveOf(ctx, r.client, name, owner)
	if asked {
		r.request(Event{Action: "GetQueueUrl", Err: err, Start: start}, nil)
	}
	if err != nil {
		return "", fmt.Errorf("worker: find dead-letter queue %q: %w", name, attr.Explain(r.client, name, err))
	}
	r.grave.url = url
	return url, nil
}

// grave is where copies go.
type grave struct {
	lock chan struct{} // held while it is looked up; a mutex would hold up virtual time
	url  string
}

func newGrave() *grave { return &grave{lock: make(chan struct{}, 1)} }
