package eventsource

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/sqsevent"
)

// message is a message on its way through a mapping.
type message struct {
	id, handle string
	group      string    // of a FIFO queue; "": none
	visibleAt  time.Time // when its visibility timeout ends
	record     []byte    // its part of the event
}

// message makes a message of what was received, and its record.
func (q Queue) message(m types.Message, visibleAt time.Time) (message, error) {
	record, err := sqsevent.Record(m, q.ARN)
	if err != nil {
		return message{}, err
	}
	g := message{id: aws.ToString(m.MessageId), handle: aws.ToString(m.ReceiptHandle), visibleAt: visibleAt, record: record}
	if q.FIFO {
		g.group = m.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)]
	}
	return g, nil
}

// payload is the event of a batch.
func payload(batch []message) []byte {
	b := make([]byte, 0, payloadSize(batch))
	b = append(b, sqsevent.Head...)
	for i, g := range batch {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, g.record...)
	}
	return append(b, sqsevent.Tail...)
}

// payloadSize is how long the event of a batch is, and room for a comma.
func payloadSize(batch []message) int {
	n := len(sqsevent.Head) + len(sqsevent.Tail)
	for _, g := range batch {
		n += len(g.record) + 1
	}
	return n
}

// cutPayload cuts off the front what one invocation can have: one message at least.
func cutPayload(batch []message) (part, rest []message) {
	size := payloadSize(nil)
	for i, g := range batch {
		if size += len(g.record) + 1; size > sqsevent.MaxPayload && i > 0 {
			return batch[:i], batch[i:]
		}
	}
	return batch, nil
}

// ids are those of a batch.
func ids(batch []message) []string {
	all := make([]string, len(batch))
	for i, g := range batch {
		all[i] = g.id
	}
	return all
}
