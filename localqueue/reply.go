package localqueue

import (
	"context"
	"encoding/hex"
	"math/bits"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// batches are engine.Batch values between two receives.
var batches = sync.Pool{New: func() any { return new(engine.Batch) }}

// putBatch ends the use of a batch; nil is no batch.
func putBatch(b *engine.Batch) {
	if b != nil && b.Size() <= maxPooled {
		batches.Put(b)
	}
}

// take receives for one request. The caller reads the batch and ends its use.
func (s *Server) take(ctx context.Context, ns namespace, queueURL *string, r *api.Receive) (*queue, *engine.Batch, error) {
	q, err := s.find(ns, queueURL)
	if err != nil {
		return nil, nil, err
	}
	e, wait, err := q.request(r)
	if err != nil {
		return nil, nil, err
	}
	b := batches.Get().(*engine.Batch)
	b.Reset()
	if wait == 0 && q.findsNothing(ns.fate) {
		return q, b, nil
	}
	if err := s.receive(ctx, q, ns.fate, e, wait, b); err != nil {
		putBatch(b)
		return nil, nil, err
	}
	return q, b, nil
}

// texts are the strings every message of a reply points to.
type texts struct{ id, handle, md5, body string }

// reply makes the SDK's messages. Their ids, handles and checksums are parts of one
// string and their bodies of another, so that keeping an id keeps no body.
func (s *Server) reply(q *queue, r *api.Receive, b *engine.Batch) []types.Message {
	if len(b.Deliveries) == 0 {
		return nil
	}
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
		if has := q.has(want, d, &c); has != 0 {
			m := make(pairMap, bits.OnesCount16(uint16(has)))
			s.putSystem(m, q, has, d, &c)
			out[i].Attributes = m
		}
		if len(c.Attributes) > 0 {
			setAttributes(&out[i], r.Attributes, c.Attributes)
		}
	}
	return out
}

// senderID stands for the IAM user id of the account's caller.
func senderID(account string) string { return "AIDAQUAYSIDE" + account }

// setAttributes adds the message attributes that the filters let through, with
// their checksum.
func setAttributes(m *types.Message, filters []string, all []api.Attribute) {
	kept := api.Filter(filters, all)
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
