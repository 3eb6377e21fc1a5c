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
	var handles [api.MaxBatch]engine.Handle
	var errs [api.MaxBatch]error
	for i := range entries {
		if handles[i], errs[i] = s.parse(q, a, &entries[i]); errs[i] == nil {
			errs[i] = ns.fate.failsEntry(i)
		}
	}
	err = s.settling(q, a, len(entries), func(at engine.Time) {
		for i := range entries {
			if errs[i] == nil {
				errs[i] = q.apply(at, ns.fate, a, handles[i], &entries[i])
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return q.failedOf(a, entries, errs[:len(entries)]), nil
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
