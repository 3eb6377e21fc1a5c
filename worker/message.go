package worker

import (
	"context"
	"math/rand/v2"
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
	// included, as well as this process can tell: Receives, without those that
	// this process gave back unhandled or that ended in a [Snooze], and with what
	// it tried again without another receive, as on FIFO queues. SQS's redrive
	// policy knows nothing of that: it compares Receives.
	Attempts int

	SentAt     time.Time // by SQS's clock, in whole milliseconds
	ReceivedAt time.Time // by this machine's clock, when the reply came

	// Attributes are the message attributes the sender set, Quayside's own
	// included. The map must not be changed.
	Attributes map[string]types.MessageAttributeValue

	sdk     types.Message
	policy  Policy
	run     *run   // nil: it came from neither a worker nor a host
	values  *value // what SetValue has left
	lease   lease
	outcome outcome // set before the lease ends
	chain   *chain

	after   time.Duration // since lease.polled, when the gates let it through
	policed bool          // policy is filled
	granted bool          // the gates have let it through; guarded like its place in a chain
	retried bool          // it has failed, and is held to be tried again; guarded likewise
}

// SDK returns the message as SQS delivered it: receipt handle, checksums,
// system attributes. It is zero for a Message that no worker received, and must
// not be changed.
func (m *Message) SDK() types.Message { return m.sdk }

// QueueURL returns the URL of the queue that m came from, "" if it came from neither a
// worker nor a [Host].
func (m *Message) QueueURL() string {
	if m.run == nil {
		return ""
	}
	return m.run.queue.url
}

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

// LimitLease sets how long after its start the handler of m may hold it, in place
// of Options.MaxLease: for so long its visibility timeout is extended, and then the
// handler's context is cancelled with [ErrMaxLease]. With 0, or less than the queue's
// visibility timeout, it is not extended at all. It may be called at any time while the handler runs; the last call counts,
// so that of nested middleware that calls it before the next handler, the innermost
// wins. On a message that no worker received it does nothing.
func (m *Message) LimitLease(d time.Duration) {
	if m.run != nil && m.run.leases != nil {
		m.run.leases.limit(m, max(d, 0))
	}
}

// Policy says how one delivery is settled.
type Policy struct {
	// Retry returns how long after its failure a message comes back, given the
	// error that the handler returned. Nil, the default, is [Backoff]. Negative
	// leaves the message to come back when its visibility timeout ends. Zero makes
	// it come back at once: mind the loop. SQS counts in whole seconds, so the
	// duration is rounded up, and keeps no message invisible for more than 12 hours
	// since its receive, so it is shortened to fit. While other handlers run, asking SQS
	// waits up to 100 ms for others, as ten share a request, and so may the message. One
	// whose visibility timeout has run out already is back, whatever Retry says.
	Retry func(m *Message, err error) time.Duration

	// DeleteWithin is how long the delete of a message that is done may wait
	// for the deletes of others: ten of them share a request. With 0 it does
	// not wait, and neither while no other handler of the worker runs and no delete is
	// under way. Should the process die meanwhile, the message comes back and is
	// handled again. Default DefaultDeleteWithin.
	DeleteWithin time.Duration
}

// DefaultDeleteWithin is Policy.DeleteWithin unless set otherwise.
const DefaultDeleteWithin = 100 * time.Millisecond

var defaultPolicy = Policy{DeleteWithin: DefaultDeleteWithin}

// Backoff is the Policy.Retry of those that have none: a random time of up to 1
// second after the first attempt, 2 after the second, 4, 8 and so on, up to 15
// minutes ("full jitter"). As SQS counts in whole seconds and rounding is up, the
// least is one second.
func Backoff(m *Message, _ error) time.Duration {
	n := min(max(m.Attempts, 1)-1, 10)
	return 1 + rand.N(min(time.Second<<n, 15*time.Minute))
}

// newMessage reads what SQS delivered with l, that of all messages of a reply. No
// other code looks into types.Message, but for the receipt handle.
func (r *run) newMessage(in types.Message, l lease, received time.Time) *Message {
	m := &Message{
		Queue:           r.queue.name,
		ID:              deref(in.MessageId),
		Body:            deref(in.Body),
		Type:            deref(in.MessageAttributes[attr.Type].StringValue),
		Group:           in.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)],
		DeduplicationID: in.Attributes[string(types.MessageSystemAttributeNameMessageDeduplicationId)],
		ReceivedAt:      received,
		Attributes:      in.MessageAttributes,
		sdk:             in,
		policy:          r.opts.Policy,
		policed:         true,
		run:             r,
		lease:           l,
	}
	// SQS writes these two itself; should one be missing, 0 says so.
	m.Receives, _ = strconv.Atoi(in.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	m.Attempts = m.Receives
	if m.Receives > 1 {
		m.Attempts = max(1, m.Receives-r.ledger.get(m.ID))
	}
	m.SentAt = m.systemTime(types.MessageSystemAttributeNameSentTimestamp)
	return m
}

// systemTime reads a system attribute that is a time; zero if there is none.
func (m *Message) systemTime(name types.MessageSystemAttributeName) time.Time {
	ms, err := strconv.ParseInt(m.sdk.Attributes[string(name)], 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// size is about how much memory the message's body and attributes take.
func (m *Message) size() int64 {
	n := len(m.Body)
	for name, v := range m.Attributes {
		n += len(name) + len(deref(v.StringValue)) + len(v.BinaryValue)
	}
	return int64(n)
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

// handlerContext is a message that a worker has received as the context of its
// handler, but for being cancelled: the message itself and the values of Run's
// context.
type handlerContext Message

func (c *handlerContext) Deadline() (time.Time, bool) { return time.Time{}, false }
func (c *handlerContext) Done() <-chan struct{}       { return nil }
func (c *handlerContext) Err() error                  { return nil }

func (c *handlerContext) Value(key any) any {
	if key == (contextKey{}) {
		return (*Message)(c)
	}
	return c.run.values.Value(key)
}
