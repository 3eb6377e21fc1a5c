package killtest_test

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// sizeOf draws the length of a body: mostly small, now and then as long as they get.
func (w *worker) sizeOf() int {
	switch n := w.rng.IntN(1000); {
	case n < 2:
		return w.longest
	case n < 10:
		return w.rng.IntN(200_000)
	case n < 60:
		return w.rng.IntN(20_000)
	}
	return w.rng.IntN(1500)
}

// compose is a new message for q. The book's lock is held.
func (w *worker) compose(q *queue) *message {
	w.book.tokens++
	m := &message{
		token: w.book.tokens, size: w.sizeOf(), home: q, place: q, delay: q.delay,
		confirmed: forever, settled: forever, seen: -1,
	}
	switch {
	case q.fifo && q.scene.stays:
		m.group = fmt.Sprintf("alone-%d", m.token)
	case q.fifo || chance(w.rng, 20):
		m.group = fmt.Sprintf("g%d", w.rng.IntN(8))
	}
	if q.fifo && !q.content {
		m.dedup = fmt.Sprintf("d%d", m.token)
	}
	if !q.fifo && chance(w.rng, 10) {
		m.delay = time.Duration(1+w.rng.IntN(2)) * time.Second
	}
	return m
}

// next is what to send to q: a new message, or on a FIFO queue at times what was sent
// before: again, for want of an answer, or another one with the same deduplication id.
// The book's lock is held.
func (w *worker) next(q *queue) *message {
	young := func(m *message) bool { return w.book.now() < m.sends[0].begin+dedupWindow-time.Minute }
	q.unanswered = keepIf(q.unanswered, young)
	q.accepted = keepIf(q.accepted, young)
	if !q.fifo || q.purgeable || q.content || !chance(w.rng, 30) {
		if n := len(q.unanswered); n == 0 || !chance(w.rng, 50) {
			return w.compose(q)
		}
	}
	if n := len(q.unanswered); n > 0 {
		m := q.unanswered[n-1]
		q.unanswered = q.unanswered[:n-1]
		return m
	}
	if len(q.accepted) == 0 {
		return w.compose(q)
	}
	first := pick(w.rng, q.accepted...)
	m := w.compose(q)
	m.repeats, m.dedup = first, first.dedup
	if q.scoped {
		m.group = first.group
	}
	return m
}

func keepIf(all []*message, f func(*message) bool) []*message {
	return slices.DeleteFunc(all, func(m *message) bool { return !f(m) })
}

// dedupWindow is how long a deduplication id stands for its first message.
const dedupWindow = 5 * time.Minute

// send sends n messages to q, by one request.
func (w *worker) send(q *queue, n int) {
	o := w.begin()
	w.book.mu.Lock()
	floor := q.floor
	var batch []*message
	total := 0
	for range n {
		m := w.next(q)
		if total += m.size + 500; total > maxBody && len(batch) > 0 { // the most that a batch may have, too
			w.putBack(q, m)
			break
		}
		if m.sends == nil {
			w.book.known[m.token] = m
			q.scene.messages[m] = struct{}{}
			q.scene.backlog++
		}
		m.sends = append(m.sends, o)
		m.note(o, "sent to %s", q.name)
		batch = append(batch, m)
	}
	w.book.mu.Unlock()
	if len(batch) == 1 && chance(w.rng, 80) {
		out := ask(w, o, w.sqs.SendMessage, w.sendInput(q, batch[0]))
		w.sent(q, o, floor, batch, func(int) *sqs.SendMessageOutput { return out })
		return
	}
	in := &sqs.SendMessageBatchInput{QueueUrl: w.url(q.name)}
	for i, m := range batch {
		x := w.sendInput(q, m)
		in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), MessageBody: x.MessageBody, DelaySeconds: x.DelaySeconds,
			MessageAttributes: x.MessageAttributes, MessageSystemAttributes: x.MessageSystemAttributes,
			MessageGroupId: x.MessageGroupId, MessageDeduplicationId: x.MessageDeduplicationId,
		})
	}
	out := ask(w, o, w.sqs.SendMessageBatch, in)
	w.sent(q, o, floor, batch, func(i int) *sqs.SendMessageOutput {
		for _, e := range out.Successful {
			if aws.ToString(e.Id) == strconv.Itoa(i) {
				return &sqs.SendMessageOutput{MessageId: e.MessageId, SequenceNumber: e.SequenceNumber}
			}
		}
		return nil
	})
}

// putBack undoes next. The book's lock is held.
func (w *worker) putBack(q *queue, m *message) {
	if m.sends != nil {
		q.unanswered = append(q.unanswered, m)
	}
}

func (w *worker) sendInput(q *queue, m *message) *sqs.SendMessageInput {
	in := &sqs.SendMessageInput{
		QueueUrl: w.url(q.name), MessageBody: aws.String(bodyOf(m.token, m.size)),
		MessageAttributes: attributesOf(m.token), MessageSystemAttributes: systemAttributesOf(m.token),
	}
	if m.group != "" {
		in.MessageGroupId = &m.group
	}
	if m.dedup != "" {
		in.MessageDeduplicationId = &m.dedup
	}
	if !q.fifo {
		in.DelaySeconds = int32(m.delay / time.Second)
	}
	return in
}

// sent notes how a send ended; result is what message i of the batch was answered.
func (w *worker) sent(q *queue, o *op, floor uint64, batch []*message, result func(i int) *sqs.SendMessageOutput) {
	w.unexpected(o, "a send to "+q.name)
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	for i, m := range batch {
		switch {
		case o.fate == lost && q.fifo && m.repeats == nil && !q.purgeable:
			q.unanswered = append(q.unanswered, m)
		case o.fate != done:
		case result(i) == nil:
			w.book.accuse(m, "was refused in a batch")
		default:
			w.book.answered(m, o, floor, result(i))
			if q.fifo && m.repeats == nil && !q.purgeable && !q.content {
				remember(w.rng, &q.accepted, m, 200)
			}
		}
	}
}
