package worker

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// maxInvisible is how long SQS keeps a message invisible after a receive.
const maxInvisible = 12 * time.Hour

// reply is what SQS said about a batch: which entries it took and which not.
type reply struct {
	taken   []string // entry ids
	refused []types.BatchResultErrorEntry
}

func (s *settler) sendDeletes(es []entry) (reply, error) {
	in := &sqs.DeleteMessageBatchInput{
		QueueUrl: &s.run.queue.url,
		Entries:  make([]types.DeleteMessageBatchRequestEntry, len(es)),
	}
	for i, e := range es {
		in.Entries[i] = types.DeleteMessageBatchRequestEntry{Id: new(strconv.Itoa(i)), ReceiptHandle: e.m.sdk.ReceiptHandle}
	}
	start := time.Now()
	ctx, cancel := context.WithTimeout(s.ctx, settleTimeout)
	defer cancel()
	out, err := s.run.worker.client.DeleteMessageBatch(ctx, in)
	s.run.request("DeleteMessageBatch", start, messages(es), err)
	var answer reply
	if err == nil && out != nil {
		answer.refused = out.Failed
		for _, ok := range out.Successful {
			answer.taken = append(answer.taken, deref(ok.Id))
		}
	}
	return answer, err
}

func (s *settler) sendChanges(es []entry) (reply, error) {
	in := &sqs.ChangeMessageVisibilityBatchInput{
		QueueUrl: &s.run.queue.url,
		Entries:  make([]types.ChangeMessageVisibilityBatchRequestEntry, len(es)),
	}
	start := time.Now()
	for i, e := range es {
		in.Entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{
			Id: new(strconv.Itoa(i)), ReceiptHandle: e.m.sdk.ReceiptHandle, VisibilityTimeout: seconds(e, start),
		}
	}
	ctx, cancel := context.WithTimeout(s.ctx, settleTimeout)
	defer cancel()
	out, err := s.run.worker.client.ChangeMessageVisibilityBatch(ctx, in)
	s.run.request("ChangeMessageVisibilityBatch", start, messages(es), err)
	var answer reply
	if err == nil && out != nil {
		answer.refused = out.Failed
		for _, ok := range out.Successful {
			answer.taken = append(answer.taken, deref(ok.Id))
		}
	}
	return answer, err
}

// seconds returns the visibility timeout that, set now, ends at e.at or up to a
// second later, but inside SQS's limit. That counts from the receive; a second
// is left for the request to arrive.
func seconds(e entry, now time.Time) int32 {
	limit := maxInvisible - now.Sub(e.m.polledAt) - time.Second
	d := e.at.Sub(now)
	if d > limit {
		d = limit.Truncate(time.Second)
	}
	return int32(max(0, (d+time.Second-1)/time.Second))
}

func messages(es []entry) []*Message {
	ms := make([]*Message, len(es))
	for i, e := range es {
		ms[i] = e.m
	}
	return ms
}
