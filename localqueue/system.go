package localqueue

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// pairs takes the system attributes of a message: *wire.Writer, or a pairMap.
type pairs interface {
	Pair(name, value string)
	PairInt(name string, v int64)
}

// pairMap has them as the SDK does.
type pairMap map[string]string

func (m pairMap) Pair(name, value string)      { m[name] = value }
func (m pairMap) PairInt(name string, v int64) { m[name] = strconv.FormatInt(v, 10) }

// has is which of the system attributes wanted a message has.
func (q *queue) has(want api.System, d *engine.Delivery, c *api.Content) api.System {
	has := api.WantSenderID | api.WantSentTimestamp | api.WantReceiveCount | api.WantFirstReceive
	if c.Trace != "" {
		has |= api.WantTraceHeader
	}
	if c.Group != "" {
		has |= api.WantGroupID
	}
	if q.fifo {
		has |= api.WantDeduplicationID | api.WantSequenceNumber
	}
	if d.Source != 0 {
		has |= api.WantDeadLetterSource
	}
	return has & want
}

// putSystem writes the system attributes of a message that it has.
func (s *Server) putSystem(p pairs, q *queue, has api.System, d *engine.Delivery, c *api.Content) {
	if has&api.WantSenderID != 0 {
		p.Pair(string(types.MessageSystemAttributeNameSenderId), senderID(q.q.Name.Account))
	}
	if has&api.WantSentTimestamp != 0 {
		p.PairInt(string(types.MessageSystemAttributeNameSentTimestamp), d.Sent/1e6)
	}
	if has&api.WantReceiveCount != 0 {
		p.PairInt(string(types.MessageSystemAttributeNameApproximateReceiveCount), int64(d.Receives))
	}
	if has&api.WantFirstReceive != 0 {
		p.PairInt(string(types.MessageSystemAttributeNameApproximateFirstReceiveTimestamp), d.First/1e6)
	}
	if has&api.WantTraceHeader != 0 {
		p.Pair(string(types.MessageSystemAttributeNameAWSTraceHeader), c.Trace)
	}
	if has&api.WantGroupID != 0 {
		p.Pair(string(types.MessageSystemAttributeNameMessageGroupId), c.Group)
	}
	if has&api.WantDeduplicationID != 0 {
		dedup := c.Dedup
		if d.Source != 0 { // a dead-letter queue does not deduplicate what it is given
			dedup = string(s.ident.AppendID(nil, d.Origin))
		}
		p.Pair(string(types.MessageSystemAttributeNameMessageDeduplicationId), dedup)
	}
	if has&api.WantSequenceNumber != 0 {
		p.Pair(string(types.MessageSystemAttributeNameSequenceNumber), api.SequenceNumber(d.Handle.Seq))
	}
	if has&api.WantDeadLetterSource != 0 {
		s.mu.RLock()
		arn := s.engine.ARN(d.Source)
		s.mu.RUnlock()
		p.Pair(string(types.MessageSystemAttributeNameDeadLetterQueueSourceArn), arn)
	}
}
