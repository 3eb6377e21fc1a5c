package producer

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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

	// Attributes are message attributes of the sender's own. Send takes a copy
	// of the map; what its values point to must not be changed any more.
	Attributes map[string]types.MessageAttributeValue

	err error // of encoding Body
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
	return utf8.ValidString(m.Type) && utf8.ValidString(m.Group) && utf8.ValidString(m.DeduplicationID)
}

// entry makes the SDK's form of m, but for the id, and counts its bytes as SQS
// does: body, and name, type and value of each attribute.
func (m *Message) entry() (e types.SendMessageBatchRequestEntry, size int) {
	e.MessageBody = &m.Body
	e.DelaySeconds = int32((m.Delay + time.Second - 1) / time.Second)
	if m.Group != "" {
		e.MessageGroupId = &m.Group
	}
	if m.DeduplicationID != "" {
		e.MessageDeduplicationId = &m.DeduplicationID
	}
	e.MessageAttributes = maps.Clone(m.Attributes)
	if m.Type != "" {
		if e.MessageAttributes == nil {
			e.MessageAttributes = make(map[string]types.MessageAttributeValue, 1)
		}
		e.MessageAttributes[attr.Type] = types.MessageAttributeValue{DataType: new("String"), StringValue: &m.Type}
	}
	size = len(m.Body)
	for name, v := range e.MessageAttributes {
		size += len(name) + len(deref(v.DataType)) + len(deref(v.StringValue)) + len(v.BinaryValue)
	}
	return e, size
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
