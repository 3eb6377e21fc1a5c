package worker

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
)

// Message is one delivery of a message: if it comes again, that is another
// Message with the same ID. It belongs to its handler until the handler
// returns, and is not safe for use by several goroutines at once.
//
// The zero Message with a Body is enough to test a handler.
type Message struct {
	Queue string // name of the queue it came from
	ID    string // SQS's message id, the same at every delivery
	Body  string

	Type            string // what the sender's producer.Message.Type said, "" if nothing
	Group           string // message group, "" if none
	DeduplicationID string // FIFO queues only

	// Receives counts the deliveries so far, this one included: SQS's
	// ApproximateReceiveCount, which a redrive policy compares with its
	// maxReceiveCount.
	Receives int
	// Attempts counts how often a handler was given the message, this time
	// included, as well as this process can tell. In this version it is
	// Receives, which also counts deliveries that were given back unrun.
	Attempts int

	SentAt     time.Time // by SQS's clock, in whole milliseconds
	ReceivedAt time.Time // by this machine's clock, when the reply came

	// Attributes are the message attributes the sender set, Quayside's own
	// included. The map must not be changed.
	Attributes map[string]types.MessageAttributeValue

	sdk     types.Message
	policy  Policy
	policed bool // policy is filled

	// When it becomes visible again is known within limits, because it became
	// invisible between the request that asked for it and the reply.
	polled  time.Time // before the request
	lasts   time.Time // invisible until then at least
	expires time.Time // visible by then, unless deleted
}

// SDK returns the message as SQS delivered it: receipt handle, checksums,
// system attributes. It is zero for a Message that no worker received, and must
// not be changed.
func (m *Message) SDK() types.Message { return m.sdk }

// Policy returns how this delivery will be settled, for middleware and handlers
// to edit; it starts as the worker's Options.Policy. What it holds when the
// handler returns counts, so of nested middleware that sets a field before
// calling the next handler, the innermost has the last word.
func (m *Message) Policy() *Policy {
	if !m.policed {
		m.policy, m.policed = defaultPolicy, true
	}
	return &m.policy
}

// Policy says how one delivery is settled.
type Policy struct {
	// Retry returns how long after its failure a message comes back, given the
	// error that the handler returned. Nil, the default, is the worker's own
	// way, which today leaves the message to come back when its visibility
	// timeout ends; so does a negative duration. Zero makes it come back at
	// once: mind the loop. SQS counts in whole seconds, so the duration is
	// rounded up, and keeps no message invisible for more than 12 hours since
	// its receive, so it is shortened to fit. A message whose visibility timeout
	// has run out already is back, whatever Retry says.
	Retry func(m *Message, err error) time.Duration

	// DeleteWithin is how long the delete of a message that is done may wait
	// for the deletes of others: ten of them share a request. With 0 it does
	// not wait. Should the process die meanwhile, the message comes back and is
	// handled again. Default DefaultDeleteWithin.
	DeleteWithin time.Duration
}

// DefaultDeleteWithin is Policy.DeleteWithin unless set otherwise.
const DefaultDeleteWithin = 100 * time.Millisecond

var defaultPolicy = Policy{DeleteWithin: DefaultDeleteWithin}

// newMessage reads what SQS delivered in reply to a request made at polled. No
// other code looks into types.Message, but for the receipt handle.
func newMessage(q queue, in types.Message, polled, received time.Time, p Policy) *Message {
	m := &Message{
		Queue:           q.name,
		ID:              deref(in.MessageId),
		Body:            deref(in.Body),
		Type:            deref(in.MessageAttributes[attr.Type].StringValue),
		Group:           in.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)],
		DeduplicationID: in.Attributes[string(types.MessageSystemAttributeNameMessageDeduplicationId)],
		ReceivedAt:      received,
		Attributes:      in.MessageAttributes,
		sdk:             in,
		policy:          p,
		policed:         true,
		polled:          polled,
		lasts:           polled.Add(q.visibility),
		expires:         received.Add(q.visibility),
	}
	// SQS writes these two itself; should one be missing, 0 says so.
	m.Receives, _ = strconv.Atoi(in.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	m.Attempts = m.Receives
	sent := in.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)]
	if ms, err := strconv.ParseInt(sent, 10, 64); err == nil {
		m.SentAt = time.UnixMilli(ms)
	}
	return m
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

type contextKey struct{}

// FromContext returns the message being handled, for typed handlers and what
// they call. It reports false outside a handler.
func FromContext(ctx context.Context) (*Message, bool) {
	m, ok := ctx.Value(contextKey{}).(*Message)
	return m, ok
}

func withMessage(ctx context.Context, m *Message) context.Context {
	return context.WithValue(ctx, contextKey{}, m)
}
