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
	in = orEmpty(in)
	m := api.Send{
		Body:       aws.ToString(in.MessageBody),
		Attributes: messageAttributes(in.MessageAttributes),
		System:     systemAttributes(in.MessageSystemAttributes),
		Delay:      sdkInt(in.DelaySeconds),
		Group:      sdkText(in.MessageGroupId),
		Dedup:      sdkText(in.MessageDeduplicationId),
	}
	r, err := s.send(ctx, in.QueueUrl, &m, opts)
	if err != nil {
		return nil, toSDK("SendMessage", err)
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

func (s *Server) send(ctx context.Context, queueURL *string, m *api.Send, opts []func(*sqs.Options)) (sent, error) {
	q, rules, err := s.sender(ctx, queueURL, opts)
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
	r := q.q.Messages.Send(now(), &p.Message)
	s.unlock(q)
	return s.sent(q, rules, &p, r), nil
}

// sender finds the queue of a send and its rules.
func (s *Server) sender(ctx context.Context, queueURL *string, opts []func(*sqs.Options)) (*queue, api.Queue, error) {
	ns, err := s.namespace(ctx, opts)
	if err != nil {
		return nil, api.Queue{}, err
	}
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

func (s *Server) sent(q *queue, rules api.Queue, p *api.Prepared, r engine.Sent) sent {
	text := make([]byte, 0, api.IDLength+2*len(p.Message.MD5))
	text = s.ident.AppendID(text, engine.Origin{Queue: q.q.Number, Seq: r.Seq})
	both := string(hex.AppendEncode(text, p.Message.MD5[:]))
	out := sent{
		id: both[:api.IDLength], bodyMD5: both[api.IDLength:],
		attributeMD5: p.AttributeMD5, systemMD5: p.SystemMD5,
	}
	if rules.FIFO {
		out.sequence = api.SequenceNumber(r.Seq)
	}
	return out
}

// ReceiveMessage receives up to MaxNumberOfMessages. VisibilityTimeout and
// WaitTimeSeconds of 0 are read as absent, which is what *sqs.Client makes of
// them: the queue's own apply. When ctx ends while it waits it returns ctx's
// error and no message was taken.
func (s *Server) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, opts ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	in = orEmpty(in)
	r := api.Receive{
		Max:              sdkInt(in.MaxNumberOfMessages),
		Visibility:       sdkInt(in.VisibilityTimeout),
		Wait:             sdkInt(in.WaitTimeSeconds),
		Attempt:          sdkText(in.ReceiveRequestAttemptId),
		SystemAttributes: systemNames(in),
		Attributes:       in.MessageAttributeNames,
	}
	out, err := s.receiveMessages(ctx, in.QueueUrl, &r, opts)
	if err != nil {
		return nil, toSDK("ReceiveMessage", err)
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

// DeleteMessage deletes the message that a receipt handle came with.
func (s *Server) DeleteMessage(ctx context.Context, in *sqs.DeleteMessageInput, opts ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error) {
	in = orEmpty(in)
	ns, err := s.namespace(ctx, opts)
	if err != nil {
		return nil, toSDK("DeleteMessage", err)
	}
	q, err := s.find(ns, in.QueueUrl)
	if err == nil {
		err = s.settle(q, deleting, &api.Change{Handle: aws.ToString(in.ReceiptHandle)})
	}
	if err != nil {
		return nil, toSDK("DeleteMessage", err)
	}
	return &sqs.DeleteMessageOutput{}, nil
}

// ChangeMessageVisibility sets how long a message stays hidden from now on; 0
// makes it visible at once.
func (s *Server) ChangeMessageVisibility(ctx context.Context, in *sqs.ChangeMessageVisibilityInput, opts ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error) {
	in = orEmpty(in)
	ns, err := s.namespace(ctx, opts)
	if err != nil {
		return nil, toSDK("ChangeMessageVisibility", err)
	}
	q, err := s.find(ns, in.QueueUrl)
	if err == nil {
		err = s.settle(q, changing, &api.Change{Handle: aws.ToString(in.ReceiptHandle), Visibility: api.Num(int(in.VisibilityTimeout))})
	}
	if err != nil {
		return nil, toSDK("ChangeMessageVisibility", err)
	}
	return &sqs.ChangeMessageVisibilityOutput{}, nil
}

// settle makes one delete or change of visibility.
func (s *Server) settle(q *queue, a action, c *api.Change) error {
	h, err := s.parse(q, a, c)
	if err != nil {
		return err
	}
	if err := q.lock(); err != nil {
		return err
	}
	if err := q.throttled(a); err != nil {
		q.mu.Unlock()
		return err
	}
	err = q.apply(a, h, c)
	s.unlock(q)
	return err
}

// parse validates a delete or change as far as the queue's messages do not matter.
func (s *Server) parse(q *queue, a action, c *api.Change) (engine.Handle, error) {
	if c.Handle == "" {
		return engine.Handle{}, api.Missing("ReceiptHandle")
	}
	h, ok := s.ident.ParseHandle(c.Handle)
	if !ok {
		return h, engine.Errorf(engine.CodeReceiptHandleIsInvalid, "The input receipt handle %q is not a valid receipt handle.", c.Handle)
	}
	if h.Queue != q.q.Number {
		return h, engine.Errorf(engine.CodeReceiptHandleIsInvalid, "The receipt handle %q is not valid for this queue.", c.Handle)
	}
	if a == changing {
		return h, checkTimeout(c)
	}
	return h, nil
}

func checkTimeout(c *api.Change) error {
	if !c.Visibility.Set {
		return api.Missing("VisibilityTimeout")
	}
	if n := c.Visibility.N; n < 0 || n > 43200 {
		return engine.Errorf(engine.CodeInvalidParameterValue, "Value %d for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.", n)
	}
	return nil
}

// apply deletes or changes under the queue's lock. The error is that of a single
// call.
func (q *queue) apply(a action, h engine.Handle, c *api.Change) error {
	if a == deleting {
		if q.q.Messages.Delete(now(), h) == engine.Expired {
			return expired(c.Handle)
		}
		return nil
	}
	switch q.q.Messages.ChangeVisibility(now(), h, seconds(c.Visibility.N)) {
	case engine.Gone:
		return badHandle(c.Handle, "Message does not exist or is not available for visibility timeout change.")
	case engine.Expired:
		return expired(c.Handle)
	case engine.BeyondLimit:
		return engine.Errorf(engine.CodeInvalidParameterValue, "Value %d for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]", c.Visibility.N)
	}
	return nil
}

const handleExpired = "The receipt handle has expired"

func expired(handle string) error { return badHandle(handle, handleExpired+".") }

func badHandle(handle, reason string) error {
	return engine.Errorf(engine.CodeInvalidParameterValue, "Value %s for parameter ReceiptHandle is invalid. Reason: %s", handle, reason)
}
