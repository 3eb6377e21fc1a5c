package killtest_test

import (
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// settling is a delete, or a change of visibility, of one delivery.
type settling struct {
	d       *delivery
	op      *op
	removal *removal // of a delete
}

// delete deletes messages of q, all by one request or each by its own.
func (w *worker) delete(q *queue, ds []*delivery, together bool) {
	for chunk := range slices.Chunk(ds, size(together)) {
		o := w.begin()
		w.book.mu.Lock()
		var all []*settling
		for _, d := range chunk {
			x := &removal{op: w.entry(o)}
			d.message.removals = append(d.message.removals, x)
			d.message.note(x.op, "delete from %s with the handle of receive %d", q.name, d.count)
			all = append(all, &settling{d: d, op: x.op, removal: x})
		}
		w.book.mu.Unlock()
		if len(chunk) == 1 {
			ask(w, o, w.sqs.DeleteMessage, &sqs.DeleteMessageInput{QueueUrl: w.url(q.name), ReceiptHandle: &chunk[0].handle})
			w.settled(q, o, all, nil)
			continue
		}
		in := &sqs.DeleteMessageBatchInput{QueueUrl: w.url(q.name)}
		for i, d := range chunk {
			in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &d.handle})
		}
		var failed []types.BatchResultErrorEntry
		if out := ask(w, o, w.sqs.DeleteMessageBatch, in); out != nil {
			failed = out.Failed
		}
		w.settled(q, o, all, failed)
	}
}

// change sets the visibility timeout of messages of q.
func (w *worker) change(q *queue, ds []*delivery, visible time.Duration, together bool) {
	for chunk := range slices.Chunk(ds, size(together)) {
		o := w.begin()
		w.book.mu.Lock()
		var all []*settling
		for _, d := range chunk {
			c := &change{op: w.entry(o), count: d.count, stay: d.stay, visible: visible}
			d.message.changes = append(d.message.changes, c)
			d.long = d.long || visible == long
			d.message.note(c.op, "visibility in %s changed to %v with the handle of receive %d", q.name, visible, d.count)
			all = append(all, &settling{d: d, op: c.op})
		}
		w.book.mu.Unlock()
		if len(chunk) == 1 {
			ask(w, o, w.sqs.ChangeMessageVisibility, &sqs.ChangeMessageVisibilityInput{
				QueueUrl: w.url(q.name), ReceiptHandle: &chunk[0].handle, VisibilityTimeout: int32(visible / time.Second),
			})
			w.settled(q, o, all, nil)
			continue
		}
		in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: w.url(q.name)}
		for i, d := range chunk {
			in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{
				Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &d.handle, VisibilityTimeout: int32(visible / time.Second),
			})
		}
		var failed []types.BatchResultErrorEntry
		if out := ask(w, o, w.sqs.ChangeMessageVisibilityBatch, in); out != nil {
			failed = out.Failed
		}
		w.settled(q, o, all, failed)
	}
}

// size is that of the chunks.
func size(together bool) int {
	if together {
		return 10
	}
	return 1
}

// entry is one of several that are asked for by one request.
func (w *worker) entry(o *op) *op {
	x := *o
	return &x
}

// settled notes how the request o for all of them ended; failed are the entries of a
// batch that were refused.
func (w *worker) settled(q *queue, o *op, all []*settling, failed []types.BatchResultErrorEntry) {
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	for _, x := range all {
		x.op.end, x.op.fate, x.op.code, x.op.text = o.end, o.fate, o.code, o.text
	}
	for _, f := range failed {
		i, _ := strconv.Atoi(aws.ToString(f.Id))
		all[i].op.fate, all[i].op.code, all[i].op.text = refused, aws.ToString(f.Code), aws.ToString(f.Message)
	}
	for _, x := range all {
		m := x.d.message
		switch {
		case x.op.fate == refused:
			w.refusal(q, x)
		case x.op.fate == done && x.removal != nil:
			x.removal.certain = q.fixed() || m.held(x.d, x.op.end) || !q.leaky && x.d.stay == len(m.past)
			q.scene.backlog--
		}
	}
}

// refusal accuses the refusal of a handle that has to work: on a standard queue to
// delete any does, and to change that of a message that is there; on a FIFO queue that
// of the latest receive while it hides the message.
func (w *worker) refusal(q *queue, x *settling) {
	m := x.d.message
	switch {
	case x.op.code != "InvalidParameterValue" && x.op.code != "ReceiptHandleIsInvalid":
	case q.fifo && !(m.held(x.d, x.op.end) && m.presence() == certain):
		return
	case !q.fifo && x.removal == nil && !(q.fixed() && m.presence() == certain):
		return
	}
	w.book.accuse(m, "the handle of receive %d was refused: %s: %s", x.d.count, x.op.code, x.op.text)
}

// deleteOld deletes with handles of whatever age.
func (w *worker) deleteOld(q *queue) {
	w.book.mu.Lock()
	var old []*delivery
	for range min(1+w.rng.IntN(4), len(q.known)) {
		if d := pick(w.rng, q.known...); !slices.Contains(old, d) {
			old = append(old, d)
		}
	}
	w.book.mu.Unlock()
	w.delete(q, old, chance(w.rng, 50))
}

// purge empties q.
func (w *worker) purge(q *queue) {
	x := &removal{op: w.begin(), purged: q}
	w.book.mu.Lock()
	q.purges = append(q.purges, x)
	q.scene.backlog = 0
	w.book.mu.Unlock()
	ask(w, x.op, w.sqs.PurgeQueue, &sqs.PurgeQueueInput{QueueUrl: w.url(q.name)})
	w.unexpected(x.op, "a purge of "+q.name)
}
