package localqueue

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

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
	o := newOutbox()
	defer o.release()
	if err := s.send(ns, in.QueueUrl, &m, o); err != nil {
		return nil, err
	}
	r := &o.results[0]
	t := &s.texts(o.results)[0]
	return &sqs.SendMessageOutput{
		MessageId: &t.id, MD5OfMessageBody: &t.md5,
		MD5OfMessageAttributes:       optional(r.attributeMD5),
		MD5OfMessageSystemAttributes: optional(r.systemMD5),
		SequenceNumber:               optional(r.sequenceNumber()),
	}, nil
}

func (s *Server) send(ns namespace, queueURL *string, m *api.Send, o *outbox) error {
	q, rules, err := s.sender(ns, queueURL)
	if err != nil {
		return err
	}
	o.prepared = append(o.prepared[:0], api.Prepared{})
	if o.prepared[0], o.buf, err = m.Prepare(rules, false, o.buf[:0]); err != nil {
		return err
	}
	return s.enqueue(q, o)
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
	q, b, err := s.take(ctx, ns, in.QueueUrl, &r)
	if err != nil {
		return nil, err
	}
	defer putBatch(b)
	return &sqs.ReceiveMessageOutput{Messages: s.reply(q, &r, b)}, nil
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
