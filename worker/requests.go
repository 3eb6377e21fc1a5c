package worker

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
)

// reply is what SQS said about a batch: which entries it took and which not.
// Entry ids are positions in the batch: message ids may repeat in it.
type reply struct {
	taken   []string // entry ids
	refused []types.BatchResultErrorEntry
	start   time.Time // of changes: what the visibility timeouts asked for were counted from
}

var entryIDs = [batchSize]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}

// delete makes one request that deletes the messages of es.
func (r *run) delete(ctx context.Context, es []entry) (reply, error) {
	in := &sqs.DeleteMessageBatchInput{
		QueueUrl: &r.queue.url,
		Entries:  make([]types.DeleteMessageBatchRequestEntry, len(es)),
	}
	for i := range es {
		in.Entries[i] = types.DeleteMessageBatchRequestEntry{Id: &entryIDs[i], ReceiptHandle: &es[i].handle}
	}
	start := time.Now()
	out, err := r.worker.client.DeleteMessageBatch(ctx, in, onlyOnce...)
	e := Event{Action: "DeleteMessageBatch", Start: start, Err: err}
	var answer reply
	if err == nil && out != nil {
		e.RequestID = attr.RequestID(out.ResultMetadata)
		answer.refused = out.Failed
		answer.taken = make([]string, 0, len(out.Successful))
		for _, ok := range out.Successful {
			answer.taken = append(answer.taken, deref(ok.Id))
		}
	}
	r.batchRequest(e, es, answer)
	return answer, err
}

// change makes one request that has the messages of es visible when they are to
// be, as near as SQS allows; see seconds.
func (r *run) change(ctx context.Context, es []entry) (reply, error) {
	in := &sqs.ChangeMessageVisibilityBatchInput{
		QueueUrl: &r.queue.url,
		Entries:  make([]types.ChangeMessageVisibilityBatchRequestEntry, len(es)),
	}
	start := time.Now()
	for i := range es {
		in.Entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{
			Id: &entryIDs[i], ReceiptHandle: &es[i].handle, VisibilityTimeout: seconds(es[i], start),
		}
	}
	out, err := r.client.ChangeMessageVisibilityBatch(ctx, in, onlyOnce...)
	e := Event{Action: "ChangeMessageVisibilityBatch", Extends: es[0].kept != nil, Start: start, Err: err}
	answer := reply{start: start}
	if err == nil && out != nil {
		e.RequestID = attr.RequestID(out.ResultMetadata)
		answer.refused = out.Failed
		answer.taken = make([]string, 0, len(out.Successful))
		for _, ok := range out.Successful {
			answer.taken = append(answer.taken, deref(ok.Id))
		}
	}
	r.batchRequest(e, es, answer)
	return answer, err
}

// batchRequest is request for one about entries.
func (r *run) batchRequest(e Event, es []entry, answer reply) {
	if r.opts.Hook != nil && e.Err == nil && len(answer.taken) < len(es) {
		e.Refused = answer.errors(len(es), nil)
	}
	r.request(e, func() []*Message {
		ms := make([]*Message, len(es))
		for i, e := range es {
			ms[i] = e.stub(r.queue.name)
		}
		return ms
	})
}

var errUnanswered = errors.New("the reply does not mention the entry")

// errors returns an error, or nil, for each of the n entries of a request. err
// is that of the request.
func (a reply) errors(n int, err error) []error {
	if err == nil {
		err = errUnanswered
	}
	errs := make([]error, n)
	for i := range errs {
		errs[i] = err
	}
	for _, id := range a.taken {
		if i, ok := position(id, errs); ok {
			errs[i] = nil
		}
	}
	for _, f := range a.refused {
		if i, ok := position(deref(f.Id), errs); ok {
			errs[i] = refusal(f)
		}
	}
	return errs
}

func position(id string, errs []error) (int, bool) {
	i, err := strconv.Atoi(id)
	return i, err == nil && i >= 0 && i < len(errs)
}
