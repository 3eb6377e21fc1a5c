package producer

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
)

// Message is what is sent.
type Message struct {
	// Body is the payload: text in UTF-8, without control characters other than
	// tab, line feed and carriage return. SQS refuses an empty one.
	Body string

	// Type, if not empty, says what kind of message this is; the receiver sees
	// it as worker.Message.Type. It travels as the message attribute
	// "Quayside.Type", one of the ten a message may have.
	Type string

	// Group is the message group: messages of one group are delivered in order.
	// A FIFO queue demands one; on a standard queue it serves fairness only.
	Group string

	// DeduplicationID makes a FIFO queue drop a message whose id it has seen
	// within 5 minutes. It may be empty if the queue makes ids of the content;
	// standard queues refuse it.
	DeduplicationID string

	// Delay is how long the message stays invisible after it was sent: 0 to 15
	// minutes, rounded up to whole seconds. With 0 the queue's own delay
	// applies. FIFO queues refuse any other value.
	Delay time.Duration

	// TraceHeader is an AWS X-Ray trace header ("Root=1-...;Parent=...;Sampled=1"), sent
	// as the system attribute AWSTraceHeader, which is none of the ten and costs no size.
	TraceHeader string

	// Attributes are message attributes of the sender's own. Send takes a copy
	// of the map; what its values point to must not be changed any more.
	Attributes map[string]types.MessageAttributeValue

	err   error  // of encoding Body
	queue string // see Queue
}

// Queue returns the name of the queue that the message is being sent to, "" until Send
// is called with it.
func (m *Message) Queue() string { return m.queue }

// SetAttribute sets a message attribute of type String, for [Middleware]. It reports
// false, and does nothing, if that would be one more than the ten that SQS allows,
// Type's among them, or would make the message larger than SQS takes, which it was not.
func (m *Message) SetAttribute(name, value string) bool {
	n := len(m.Attributes)
	if _, there := m.Attributes[attr.Type]; m.Type != "" && !there {
		n++
	}
	before, there := m.Attributes[name]
	if !there && n >= attr.MaxAttributes {
		return false
	}
	fits := m.size() <= maxBytes
	if m.Attributes == nil {
		m.Attributes = make(map[string]types.MessageAttributeValue)
	}
	m.Attributes[name] = types.MessageAttributeValue{DataType: new("String"), StringValue: &value}
	if !fits || m.size() <= maxBytes {
		return true
	}
	if m.Attributes[name] = before; !there {
		delete(m.Attributes, name)
	}
	return false
}

// JSON returns a message whose body is v as JSON. If v cannot be encoded, Send
// says so.
func JSON(v any) Message {
	body, err := json.Marshal(v)
	return Message{Body: string(body), err: err}
}

const (
	maxBatch = 10      // messages in a request
	maxBytes = 1 << 20 // in a request, and so in a message
	maxDelay = 15 * time.Minute
)

// check reports what is clear without asking SQS. On a FIFO queue a message
// without a group would have the messages of other callers refused with it, and
// what is not UTF-8 would be stored as something else.
func (m *Message) check(fifo bool, size int) error {
	switch {
	case m.err != nil:
		return fmt.Errorf("encode body: %w", m.err)
	case !utf8.ValidString(m.Body):
		return errors.New("the body is not UTF-8")
	case !m.validText():
		return errors.New("an attribute, the group or the deduplication id is not UTF-8")
	case m.Delay < 0 || m.Delay > maxDelay:
		return fmt.Errorf("a Delay of %v, want 0 to %v", m.Delay, maxDelay)
	case fifo && m.Group == "":
		return errors.New("no Group, which a FIFO queue demands")
	case size > maxBytes:
		return fmt.Errorf("message and attributes are %d bytes, more than the %d that a request may hold", size, maxBytes)
	}
	return nil
}

// validText reports whether all text but the body is UTF-8.
func (m *Message) validText() bool {
	for name, v := range m.Attributes {
		if !utf8.ValidString(name) || !utf8.ValidString(deref(v.DataType)) || !utf8.ValidString(deref(v.StringValue)) {
			return false
		}
	}
	return utf8.ValidString(m.Type) && utf8.ValidString(m.TraceHeader) && utf8.ValidString(m.Group) && utf8.ValidString(m.DeduplicationID)
}

// entry makes the SDK's form of m, but for the id, and counts its bytes. It writes to
// m.Attributes.
func (m *Message) entry() (e types.SendMessageBatchRequestEntry, size int) {
	e.MessageBody = &m.Body
	e.DelaySeconds = int32((m.Delay + time.Second - 1) / time.Second)
	if m.Group != "" {
		e.MessageGroupId = &m.Group
	}
	if m.DeduplicationID != "" {
		e.MessageDeduplicationId = &m.DeduplicationID
	}
	if m.TraceHeader != "" {
		e.MessageSystemAttributes = map[string]types.MessageSystemAttributeValue{
			string(types.MessageSystemAttributeNameForSendsAWSTraceHeader): {DataType: new("String"), StringValue: &m.TraceHeader},
		}
	}
	if m.Type != "" {
		if m.Attributes == nil {
			m.Attributes = make(map[string]types.MessageAttributeValue, 1)
		}
		m.Attributes[attr.Type] = types.MessageAttributeValue{DataType: new("String"), StringValue: &m.Type}
	}
	e.MessageAttributes = m.Attributes
	return e, m.size()
}

// size counts the bytes of m as SQS does: body, and name, type and value of each
// attribute, with Type's.
func (m *Message) size() int {
	n := len(m.Body)
	for name, v := range m.Attributes {
		if name != attr.Type || m.Type == "" {
			n += len(name) + len(deref(v.DataType)) + len(deref(v.StringValue)) + len(v.BinaryValue)
		}
	}
	if m.Type != "" {
		n += len(attr.Type) + len("String") + len(m.Type)
	}
	return n
}

// Sent is SQS's receipt for a message.
type Sent struct {
	ID string // SQS's message id
	// Sequence is the message's place in a FIFO queue, 20 digits that grow with
	// each message; "" on a standard queue.
	Sequence string
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
