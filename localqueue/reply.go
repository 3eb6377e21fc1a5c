package localqueue

import (
	"context"
	"encoding/hex"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// batches are engine.Batch values between two receives.
var batches = sync.Pool{New: func() any { return new(engine.Batch) }}

func (s *Server) receiveMessages(ctx context.Context, ns namespace, queueURL *string, r *api.Receive) ([]types.Message, error) {
	q, err := s.find(ns, queueURL)
	if err != nil {
		return nil, err
	}
	e, wait, err := q.request(r)
	if err != nil {
		return nil, err
	}
	b := batches.Get().(*engine.Batch)
	defer func() {
		if b.Size() <= maxPooled {
			batches.Put(b)
		}
	}()
	b.Reset()
	if err := s.receive(ctx, q, e, wait, b); err != nil || len(b.Deliveries) == 0 {
		return nil, err
	}
	return s.reply(q, r, b), nil
}

// texts are the strings every message of a reply points to.
type texts struct{ id, handle, md5, body string }

// reply makes the SDK's messages. Their ids, handles and checksums are parts of one
// string and their bodies of another, so that keeping an id keeps no body.
func (s *Server) reply(q *queue, r *api.Receive, b *engine.Batch) []types.Message {
	const names = api.IDLength + api.HandleLength + 32
	blobs := 0
	buf := make([]byte, 0, names*len(b.Deliveries))
	for i := range b.Deliveries {
		d := &b.Deliveries[i]
		buf = s.ident.AppendID(buf, d.Origin)
		buf = s.ident.AppendHandle(buf, d.Handle)
		buf = hex.AppendEncode(buf, d.MD5[:])
		blobs += len(d.Blob)
	}
	rest, bodies := string(buf), b.Text(blobs)
	cut := func(n int) (part string) {
		part, rest = rest[:n], rest[n:]
		return part
	}
	out := make([]types.Message, len(b.Deliveries))
	text := make([]texts, len(b.Deliveries))
	want := api.ParseSystem(r.SystemAttributes)
	for i := range b.Deliveries {
		d, t := &b.Deliveries[i], &text[i]
		t.id, t.handle, t.md5 = cut(api.IDLength), cut(api.HandleLength), cut(32)
		c := api.DecodeContent(bodies[:len(d.Blob)], len(r.Attributes) > 0)
		bodies = bodies[len(d.Blob):]
		t.body = c.Body
		out[i] = types.Message{MessageId: &t.id, ReceiptHandle: &t.handle, MD5OfBody: &t.md5, Body: &t.body}
		if want != 0 {
			out[i].Attributes = s.systemAttributes(q, want, d, &c, t.id)
		}
		if len(c.Attributes) > 0 {
			setAttributes(&out[i], r.Attributes, c.Attributes)
		}
	}
	return out
}

// systemAttributes are those asked for that the message has; nil if none.
func (s *Server) systemAttributes(q *queue, want api.System, d *engine.Delivery, c *api.Content, id string) map[string]string {
	m := map[string]string{}
	set := func(bit api.System, name types.MessageSystemAttributeName, value string) {
		if want&bit != 0 && value != "" {
			m[string(name)] = value
		}
	}
	set(api.WantSenderID, types.MessageSystemAttributeNameSenderId, senderID(q.q.Name.Account))
	set(api.WantSentTimestamp, types.MessageSystemAttributeNameSentTimestamp, millis(d.Sent))
	set(api.WantReceiveCount, types.MessageSystemAttributeNameApproximateReceiveCount, strconv.FormatUint(uint64(d.Receives), 10))
	set(api.WantFirstReceive, types.MessageSystemAttributeNameApproximateFirstReceiveTimestamp, millis(d.First))
	set(api.WantTraceHeader, types.MessageSystemAttributeNameAWSTraceHeader, c.Trace)
	set(api.WantGroupID, types.MessageSystemAttributeNameMessageGroupId, c.Group)
	if q.fifo {
		dedup := c.Dedup
		if d.Source != 0 { // a dead-letter queue does not deduplicate what it is given
			dedup = id
		}
		set(api.WantDeduplicationID, types.MessageSystemAttributeNameMessageDeduplicationId, dedup)
		set(api.WantSequenceNumber, types.MessageSystemAttributeNameSequenceNumber, api.SequenceNumber(d.Handle.Seq))
	}
	if d.Source != 0 && want&api.WantDeadLetterSource != 0 {
		s.mu.RLock()
		arn := s.engine.ARN(d.Source)
		s.mu.RUnlock()
		set(api.WantDeadLetterSource, types.MessageSystemAttributeNameDeadLetterQueueSourceArn, arn)
	}
	if len(m) == 0 {
		return nil
	}
	return m
}

func millis(t engine.Time) string { return strconv.FormatInt(t/1e6, 10) }

// senderID stands for the IAM user id of the account's caller.
func senderID(account string) string { return "AIDAQUAYSIDE" + account }

// setAttributes adds the message attributes that the filters let through, with
// their checksum.
func setAttributes(m *types.Message, filters []string, all []api.Attribute) {
	kept := all[:0]
	for _, a := range all {
		if api.Wants(filters, a.Name) {
			kept = append(kept, a)
		}
	}
	if len(kept) == 0 {
		return
	}
	m.MessageAttributes = make(map[string]types.MessageAttributeValue, len(kept))
	for i := range kept {
		a := &kept[i]
		v := types.MessageAttributeValue{DataType: &a.Type.S, BinaryValue: a.Binary}
		if a.String.Set {
			v.StringValue = &a.String.S
		}
		m.MessageAttributes[a.Name] = v
	}
	sum := api.MD5OfAttributes(kept)
	m.MD5OfMessageAttributes = &sum
}
