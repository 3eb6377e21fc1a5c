package localqueue

import (
	"context"
	"encoding/hex"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// sent answers a send, for every face of the server.
type sent struct {
	id                               string
	bodyMD5, attributeMD5, systemMD5 string
	sequence                         string // FIFO only
}

// buffers are where sends are encoded for the engine, which keeps a copy.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled is the size above which a buffer is not kept.
const maxPooled = 64 << 10

func release(pooled *[]byte, buf []byte) {
	if cap(buf) <= maxPooled {
		*pooled = buf[:0]
		buffers.Put(pooled)
	}
}

// SendMessage sends one message. A DelaySeconds of 0 is read as absent, which is
// what *sqs.Client makes of it: the queue's delay applies.
func (s *Server) SendMessage(ctx context.Context, in *sqs.SendMessageInput, opts ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	return call(ctx, s, "SendMessage", opts, in, s.sendMessage)
}

func (s *Server) sendMessage(ns namespace, in *sqs.SendMessageInput) (*sqs.SendMessageOutput, error) {
	m := api.Send{
		Body:       aws.ToString(in.MessageBody),
		Attributes: messageAttributes(in.MessageAttributes),
		System:     systemAttributes(in.MessageSystemAttributes),
		Delay:      sdkInt(in.DelaySeconds),
		Group:      sdkText(in.MessageGroupId),
		Dedup:      sdkText(in.MessageDeduplicationId),
	}
	r, err := s.send(ns, in.QueueUrl, &m)
	if err != nil {
		return nil, err
	}
	out := &struct {
		sqs.SendMessageOutput
		sent
	}{sent: r}
	out.MessageId, out.MD5OfMessageBody = &out.id, &out.bodyMD5
	out.MD5OfMessageAttributes = optional(&out.attributeMD5)
	out.MD5OfMessageSystemAttributes = optional(&out.systemMD5)
	out.SequenceNumber = optional(&out.sequence)
	return &out.SendMessageOutput, nil
}

func (s *Server) send(ns namespace, queueURL *string, m *api.Send) (sent, error) {
	q, rules, err := s.sender(ns, queueURL)
	if err != nil {
		return sent{}, err
	}
	pooled := buffers.Get().(*[]byte)
	p, buf, err := m.Prepare(rules, false, *pooled)
	defer release(pooled, buf)
	if err != nil {
		return sent{}, err
	}
	if err := q.lock(); err != nil {
		return sent{}, err
	}
	r := q.q.Messages.Send(s.now(), &p.Message)
	s.unlock(q)
	return s.sent(q, []api.Prepared{p}, []engine.Sent{r})[0], nil
}

// sender finds the queue of a send and its rules.
func (s *Server) sender(ns namespace, queueURL *string) (*queue, api.Queue, error) {
	q, err := s.find(ns, queueURL)
	if err != nil {
		return nil, api.Queue{}, err
	}
	if err := q.lock(); err != nil {
		return nil, api.Queue{}, err
	}
	c := &q.q.Config
	rules := api.Queue{FIFO: c.FIFO, ContentDedup: c.ContentDedup, MaxSize: c.MaxSize}
	err = q.throttled(sending)
	q.mu.Unlock()
	return q, rules, err
}

// sentLength is the length of a MessageId and an MD5 in hex.
const sentLength = api.IDLength + 32

// sent answers what was sent; entries without a blob were not, and get nothing.
// All ids and MD5s are parts of one string.
func (s *Server) sent(q *queue, prepared []api.Prepared, numbers []engine.Sent) []sent {
	buf := make([]byte, 0, sentLength*len(prepared))
	for i := range prepared {
		if m := &prepared[i].Message; m.Blob != nil {
			buf = s.ident.AppendID(buf, engine.Origin{Queue: q.q.Number, Seq: numbers[i].Seq})
			buf = hex.AppendEncode(buf, m.MD5[:])
		}
	}
	rest, out := string(buf), make([]sent, len(prepared))
	for i := range prepared {
		p := &prepared[i]
		if p.Message.Blob == nil {
			continue
		}
		out[i] = sent{
			id: rest[:api.IDLength], bodyMD5: rest[api.IDLength:sentLength],
			attributeMD5: p.AttributeMD5, systemMD5: p.SystemMD5,
		}
		if q.fifo {
			out[i].sequence = api.SequenceNumber(numbers[i].Seq)
		}
		rest = rest[sentLength:]
	}
	return out
}

// ReceiveMessage receives up to MaxNumberOfMessages. VisibilityTimeout and
// WaitTimeSeconds of 0 are read as absent, which is what *sqs.Client makes of
// them: the queue's own apply. When ctx ends while it waits it returns ctx's
// error and no message was taken.
func (s *Server) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, opts ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	return call(ctx, s, "ReceiveMessage", opts, in, func(ns namespace, in *sqs.ReceiveMessageInput) (*sqs.ReceiveMessageOutput, error) {
		return s.receiveMessage(ctx, ns, in)
	})
}

func (s *Server) receiveMessage(ctx context.Context, ns namespace, in *sqs.ReceiveMessageInput) (*sqs.ReceiveMessageOutput, error) {
	r := api.Receive{
		Max:              sdkInt(in.MaxNumberOfMessages),
		Visibility:       sdkInt(in.VisibilityTimeout),
		Wait:             sdkInt(in.WaitTimeSeconds),
		Attempt:          sdkText(in.ReceiveRequestAttemptId),
		SystemAttributes: systemNames(in),
		Attributes:       in.MessageAttributeNames,
	}
	out, err := s.receiveMessages(ctx, ns, in.QueueUrl, &r)
	if err != nil {
		return nil, err
	}
	return &sqs.ReceiveMessageOutput{Messages: out}, nil
}

// request turns a receive into the engine's, under the queue's defaults.
func (q *queue) request(r *api.Receive) (engine.Receive, time.Duration, error) {
	if err := q.lock(); err != nil {
		return engine.Receive{}, 0, err
	}
	defer q.mu.Unlock()
	c := &q.q.Config
	if err := r.Check(c.FIFO); err != nil {
		return engine.Receive{}, 0, err
	}
	e := engine.Receive{Max: r.Max.Or(1), Visibility: c.Visibility, Attempt: r.Attempt.S}
	if r.Visibility.Set {
		e.Visibility = seconds(r.Visibility.N)
	}
	wait := c.Wait
	if r.Wait.Set {
		wait = seconds(r.Wait.N)
	}
	return e, wait, q.throttled(receiving)
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
