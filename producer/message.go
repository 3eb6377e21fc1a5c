package producer

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
)

// Message is what is sent.
type Message struct {
	// Body is the payload: text in UTF-8, without control characters other than
	// tab, line feed and carriage return. It must not be empty, and with the
	// attributes it may have 1 MiB, or what the queue's MaximumMessageSize says.
	Body string

	// Type, if not empty, says what kind of message this is; the receiver sees
	// it as worker.Message.Type. It travels as the message attribute
	// "Quayside.Type", one of the ten a message may have.
	Type string

	// Group is the message group: messages of one group are delivered in order. A FIFO
	// queue demands one. On a standard queue it makes a fair queue and names the tenant
	// the message is for: one with a large backlog does not hold up the others. Nothing is
	// ordered by it there, and SQS charges more for requests that have one. It has 1 to 128
	// letters, digits and punctuation marks of ASCII, and so has DeduplicationID.
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

	// Attributes are message attributes of the sender's own, at most ten with Type's. Send
	// takes a copy of the map; what its values point to must not be changed any more.
	Attributes map[string]types.MessageAttributeValue

	err   error  // of encoding Body
	queue string // see Queue
}

// Queue returns the name of the queue that the message is being sent to, "" until Send
// is called with it.
func (m *Message) Queue() string { return m.queue }

// SetAttribute sets a message attribute of type String, for [Middleware]. It reports
// false, and does nothing, if that would be one more than the ten that SQS allows,
// Type's among them, or would make the message larger than SQS takes, which it was not, or
// if the attribute is Type's, which Type decides.
func (m *Message) SetAttribute(name, value string) bool {
	if name == attr.Type && m.Type != "" {
		return false
	}
	n := len(m.Attributes)
	if _, there := m.Attributes[attr.Type]; m.Type != "" && !there {
		n++
	}
	before, there := m.Attributes[name]
	if !there && n >= attr.MaxAttributes {
		return false
	}
	fits := m.fits()
	if m.Attributes == nil {
		m.Attributes = make(map[string]types.MessageAttributeValue)
	}
	m.Attributes[name] = types.MessageAttributeValue{DataType: new("String"), StringValue: &value}
	if !fits || m.fits() {
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

// addType puts the type among the attributes, which are m's own.
func (m *Message) addType() {
	if m.Type == "" {
		return
	}
	if m.Attributes == nil {
		m.Attributes = make(map[string]types.MessageAttributeValue, 1)
	}
	m.Attributes[attr.Type] = types.MessageAttributeValue{DataType: new("String"), StringValue: &m.Type}
}

// entry makes the SDK's form of m, but for the id.
func (m *Message) entry() (e types.SendMessageBatchRequestEntry) {
	e.MessageBody = &m.Body
	e.MessageAttributes = m.Attributes
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
	return e
}

// fits reports whether m, to which its type may not have been added yet, is no larger
// than SQS allows.
func (m *Message) fits() bool {
	n := m.size()
	if _, there := m.Attributes[attr.Type]; m.Type != "" && !there {
		n += len(attr.Type) + len("String") + len(m.Type)
	}
	return n <= maxBytes
}

// size counts m's bytes as SQS does: body, and name, type and value of each attribute.
func (m *Message) size() int {
	n := len(m.Body)
	for name, v := range m.Attributes {
		kind := deref(v.DataType)
		n += len(name) + len(kind)
		if strings.HasPrefix(kind, "Binary") {
			n += len(v.BinaryValue)
		} else {
			n += len(deref(v.StringValue))
		}
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
