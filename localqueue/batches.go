package localqueue

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// SendMessageBatch sends up to ten messages, each of which succeeds or fails by
// itself. DelaySeconds as in SendMessage.
func (s *Server) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	return call(ctx, s, "SendMessageBatch", opts, in, s.sendMessageBatch)
}

func (s *Server) sendMessageBatch(ns namespace, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
	entries := make([]api.Send, len(in.Entries))
	for i := range in.Entries {
		e := &in.Entries[i]
		entries[i] = api.Send{
			ID: aws.ToString(e.Id), Body: aws.ToString(e.MessageBody),
			Attributes: messageAttributes(e.MessageAttributes), System: systemAttributes(e.MessageSystemAttributes),
			Delay: sdkInt(e.DelaySeconds), Group: sdkText(e.MessageGroupId), Dedup: sdkText(e.MessageDeduplicationId),
		}
	}
	results, failed, err := s.sendBatch(ns, in.QueueUrl, entries)
	if err != nil {
		return nil, err
	}
	out := &sqs.SendMessageBatchOutput{Failed: failures(failed)}
	out.Successful = room[types.SendMessageBatchResultEntry](len(entries) - len(failed))
	for i := range results {
		r := &results[i]
		if r.id == "" {
			continue
		}
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{
			Id: &entries[i].ID, MessageId: &r.id, MD5OfMessageBody: &r.bodyMD5,
			MD5OfMessageAttributes:       optional(&r.attributeMD5),
			MD5OfMessageSystemAttributes: optional(&r.systemMD5),
			SequenceNumber:               optional(&r.sequence),
		})
	}
	return out, nil
}

// sendBatch returns a result per entry, zero for those that failed.
func (s *Server) sendBatch(ns namespace, queueURL *string, entries []api.Send) ([]sent, []api.Failed, error) {
	q, rules, err := s.sender(ns, queueURL)
	if err == nil {
		err = checkSendBatch(rules, entries)
	}
	if err != nil {
		return nil, nil, err
	}
	var failed []api.Failed
	pooled := buffers.Get().(*[]byte)
	buf := *pooled
	defer func() { release(pooled, buf) }()
	prepared := make([]api.Prepared, len(entries))
	for i := range entries {
		if prepared[i], buf, err = entries[i].Prepare(rules, true, buf); err != nil {
			failed = append(failed, api.Fail(entries[i].ID, err))
		}
	}
	numbers := make([]engine.Sent, len(entries))
	if err := q.lock(); err != nil {
		return nil, nil, err
	}
	for i := range prepared {
		if prepared[i].Message.Blob != nil {
			numbers[i] = q.q.Messages.Send(s.now(), &prepared[i].Message)
		}
	}
	s.unlock(q)
	return s.sent(q, prepared, numbers), failed, nil
}

// checkSendBatch finds what fails a batch as a whole.
func checkSendBatch(rules api.Queue, entries []api.Send) error {
	if err := api.CheckBatch("SendMessageBatchRequestEntry", len(entries), func(i int) string { return entries[i].ID }); err != nil {
		return err
	}
	total := 0
	for i := range entries {
		total += entries[i].Size()
	}
	if err := api.CheckTotal(total); err != nil || !rules.FIFO {
		return err
	}
	for i := range entries {
		if err := entries[i].MissingFIFO(rules, true); err != nil {
			return err
		}
	}
	for i := range entries {
		if entries[i].Size() > rules.MaxSize {
			return api.TooLong(rules.MaxSize, false)
		}
	}
	return nil
}

// DeleteMessageBatch deletes up to ten messages, each by itself.
func (s *Server) DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	return call(ctx, s, "DeleteMessageBatch", opts, in, s.deleteMessageBatch)
}

func (s *Server) deleteMessageBatch(ns namespace, in *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
	entries := make([]api.Change, len(in.Entries))
	for i, e := range in.Entries {
		entries[i] = api.Change{ID: aws.ToString(e.Id), Handle: aws.ToString(e.ReceiptHandle)}
	}
	failed, err := s.settleBatch(ns, in.QueueUrl, deleting, entries)
	if err != nil {
		return nil, err
	}
	out := &sqs.DeleteMessageBatchOutput{Failed: failures(failed)}
	out.Successful = room[types.DeleteMessageBatchResultEntry](len(entries) - len(failed))
	for id := range succeeded(entries, failed) {
		out.Successful = append(out.Successful, types.DeleteMessageBatchResultEntry{Id: id})
	}
	return out, nil
}

// ChangeMessageVisibilityBatch changes the visibility of up to ten messages,
// each by itself.
func (s *Server) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, opts ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	return call(ctx, s, "ChangeMessageVisibilityBatch", opts, in, s.changeMessageVisibilityBatch)
}

func (s *Server) changeMessageVisibilityBatch(ns namespace, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	entries := make([]api.Change, len(in.Entries))
	for i, e := range in.Entries {
		entries[i] = api.Change{ID: aws.ToString(e.Id), Handle: aws.ToString(e.ReceiptHandle), Visibility: api.Num(int(e.VisibilityTimeout))}
	}
	failed, err := s.settleBatch(ns, in.QueueUrl, changing, entries)
	if err != nil {
		return nil, err
	}
	out := &sqs.ChangeMessageVisibilityBatchOutput{Failed: failures(failed)}
	out.Successful = room[types.ChangeMessageVisibilityBatchResultEntry](len(entries) - len(failed))
	for id := range succeeded(entries, failed) {
		out.Successful = append(out.Successful, types.ChangeMessageVisibilityBatchResultEntry{Id: id})
	}
	return out, nil
}

// settleBatch makes up to ten deletes or changes under one lock.
func (s *Server) settleBatch(ns namespace, queueURL *string, a action, entries []api.Change) ([]api.Failed, error) {
	q, err := s.find(ns, queueURL)
	if err != nil {
		return nil, err
	}
	kind := "DeleteMessageBatchRequestEntry"
	if a == changing {
		kind = "ChangeMessageVisibilityBatchRequestEntry"
	}
	if err := api.CheckBatch(kind, len(entries), func(i int) string { return entries[i].ID }); err != nil {
		return nil, err
	}
	handles, errs := make([]engine.Handle, len(entries)), make([]error, len(entries))
	for i := range entries {
		handles[i], errs[i] = s.parse(q, a, &entries[i])
	}
	if err := q.lock(); err != nil {
		return nil, err
	}
	if err := q.throttled(a); err != nil {
		q.mu.Unlock()
		return nil, err
	}
	for i := range entries {
		if errs[i] == nil {
			errs[i] = q.apply(a, handles[i], &entries[i])
		}
	}
	s.unlock(q)
	return q.failedOf(a, entries, errs), nil
}

// failedOf lists what failed. A FIFO batch words an expired handle in its own way.
func (q *queue) failedOf(a action, entries []api.Change, errs []error) (failed []api.Failed) {
	for i, err := range errs {
		if err == nil {
			continue
		}
		if x, ok := err.(*expiredError); ok && q.fifo && a == deleting {
			err = x.inBatch()
		}
		failed = append(failed, api.Fail(entries[i].ID, err))
	}
	return failed
}

// succeeded are the ids of the entries that are not among the failed ones, which
// stand in the same order.
func succeeded(entries []api.Change, failed []api.Failed) iter.Seq[*string] {
	return func(yield func(*string) bool) {
		for i := range entries {
			if len(failed) > 0 && failed[0].ID == entries[i].ID {
				failed = failed[1:]
			} else if !yield(&entries[i].ID) {
				return
			}
		}
	}
}

// room is an empty list for n, nil for none, as SQS leaves empty lists out.
func room[T any](n int) []T {
	if n == 0 {
		return nil
	}
	return make([]T, 0, n)
}

func failures(failed []api.Failed) (out []types.BatchResultErrorEntry) {
	for i := range failed {
		f := &failed[i]
		out = append(out, types.BatchResultErrorEntry{Id: &f.ID, Code: &f.Code, Message: &f.Message, SenderFault: true})
	}
	return out
}
