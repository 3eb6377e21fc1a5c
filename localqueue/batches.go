package localqueue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue/internal/api"
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
	o := newOutbox()
	defer o.release()
	if err := s.sendBatch(ns, in.QueueUrl, entries, o); err != nil {
		return nil, err
	}
	out := &sqs.SendMessageBatchOutput{Failed: failures(o.failed)}
	out.Successful = room[types.SendMessageBatchResultEntry](len(entries) - len(o.failed))
	texts := s.texts(o.results)
	for i := range o.results {
		r := &o.results[i]
		if !r.ok {
			continue
		}
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{
			Id: &entries[i].ID, MessageId: &texts[i].id, MD5OfMessageBody: &texts[i].md5,
			MD5OfMessageAttributes:       optional(r.attributeMD5),
			MD5OfMessageSystemAttributes: optional(r.systemMD5),
			SequenceNumber:               optional(r.sequenceNumber()),
		})
	}
	return out, nil
}

// sendBatch leaves a result per entry in o.
func (s *Server) sendBatch(ns namespace, queueURL *string, entries []api.Send, o *outbox) error {
	q, rules, err := s.sender(ns, queueURL)
	if err == nil {
		err = checkSendBatch(rules, entries)
	}
	if err != nil {
		return err
	}
	o.prepared, o.failed, o.buf = o.prepared[:0], o.failed[:0], o.buf[:0]
	for i := range entries {
		var p api.Prepared
		if err = ns.fate.failsEntry(i); err == nil {
			p, o.buf, err = entries[i].Prepare(rules, true, o.buf)
		}
		if err != nil {
			o.failed = append(o.failed, api.Fail(entries[i].ID, err))
		}
		o.prepared = append(o.prepared, p)
	}
	return s.enqueue(q, o)
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

// room is an empty list for n, nil for none, as SQS leaves empty lists out.
func room[T any](n int) []T {
	if n == 0 {
		return nil
	}
	return make([]T, 0, n)
}

func failures(failed []api.Failed) (out []types.BatchResultErrorEntry) {
	for _, f := range failed {
		out = append(out, types.BatchResultErrorEntry{Id: &f.ID, Code: &f.Code, Message: &f.Message, SenderFault: !f.Receiver})
	}
	return out
}
