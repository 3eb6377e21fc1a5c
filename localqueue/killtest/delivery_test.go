package killtest_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// receive is one ReceiveMessage of q, which asks for the timeout visible.
type receive struct {
	*op
	queue   *queue
	attempt *attempt   // that it makes or repeats; nil: none
	reply   []*message // those of the reply that were looked at
}

// received checks one message of a reply and notes it. Nil: it is not one to go on
// with.
func (b *book) received(r *receive, visible instant, got types.Message) *delivery {
	token, ok := tokenOf(aws.ToString(got.Body))
	m := b.known[token]
	switch {
	case !ok || token > b.tokens:
		b.faultf("%s handed out a message that nobody sent: %s %.80q", r.queue.name, aws.ToString(got.MessageId), aws.ToString(got.Body))
		return nil
	case m == nil:
		b.zombie(r, token)
		return nil
	}
	d := &delivery{op: r.op, queue: r.queue, handle: aws.ToString(got.ReceiptHandle), visible: visible, message: m}
	d.count, _ = strconv.Atoi(got.Attributes["ApproximateReceiveCount"])
	m.note(r.op, "received from %s: receive %d, timeout %v, MessageId %s", r.queue.name, d.count, visible, aws.ToString(got.MessageId))
	if found := differences(m, got); found != nil {
		b.accuse(m, "came with %s", strings.Join(found, "; and "))
	}
	b.checkGone(m, r)
	if !b.locate(m, d, got) {
		return nil
	}
	b.checkSteady(m, d, got)
	if before := r.attempt.repeat(d); before != nil {
		d = before
	} else {
		b.insert(m, d)
		if r.queue.fifo {
			b.checkOrder(m, d, r, got)
		}
	}
	r.reply = append(r.reply, m)
	m.confirmed, m.seen = min(m.confirmed, r.end), max(m.seen, r.begin)
	return d
}

// zombie accuses a message that went at a drain before.
func (b *book) zombie(r *receive, token uint64) {
	for _, old := range b.old {
		if m := old[token]; m != nil {
			m.note(r.op, "received from %s", r.queue.name)
			b.accuse(m, "came again, though all queues have been emptied since it went")
			return
		}
	}
	b.faultf("message m%d came again from %s, though all queues have been emptied several times since it went", token, r.queue.name)
}

// checkGone accuses a message that must not be there any more, or never was to be.
func (b *book) checkGone(m *message, r *receive) {
	switch {
	case m.repeats != nil:
		b.accuse(m, "is there, though it repeats the deduplication id of m%d:\n%s", m.repeats.token, b.history(m.repeats))
	case m.settled < r.begin:
		b.accuse(m, "came again, though it was not there when all queues were emptied, at %.4fs", m.settled.Seconds())
	case m.refused():
		b.accuse(m, "is there, though its send was refused")
	case m.home.lasts > 0 && r.begin > m.lastSend()+m.home.lasts+slack:
		b.accuse(m, "is there %v after it was sent, and is kept for %v only", r.begin-m.lastSend(), m.home.lasts)
	}
	for _, x := range slices.Concat(m.removals, m.home.purges) {
		if x.end < r.begin && x.fate == done && (x.certain || x.of(m)) {
			b.accuse(m, "came again, though it was removed at %.4fs", x.end.Seconds())
			return
		}
	}
	if len(m.past) == 0 && r.end+slack < m.sends[0].begin+m.delay {
		b.accuse(m, "came %v after it was sent, before its delay of %v was over", r.end-m.sends[0].begin, m.delay)
	}
}

// locate finds out which stay of m the delivery is of, and says whether it is the
// present one.
func (b *book) locate(m *message, d *delivery, got types.Message) bool {
	id, q := aws.ToString(got.MessageId), d.queue
	switch other, known := b.ids[id]; {
	case known && other != m.token:
		b.accuse(m, "came with MessageId %s, which is that of m%d", id, other)
		return false
	case slices.Contains(m.past, id):
		if d.op.begin > m.since {
			b.accuse(m, "came with MessageId %s, though it was moved on and is %s now: there are two of it", id, m.id)
		}
		return false // a late reply
	}
	b.ids[id] = m.token
	unseen := m.id == "" // no answer, and never received
	moved := !unseen && id != m.id || unseen && q.destination && q != m.home
	switch {
	case moved && !(q.scene.moves && (q.destination || m.buriedIn(q, d.count))):
		b.accuse(m, "came with MessageId %s instead of %s, and no move task explains that", id, m.id)
		return false
	case moved:
		m.past, m.id, m.since = append(m.past, m.id), id, d.op.end
		m.received, m.place, m.seq, m.sentAt, m.firstAt = nil, q, 0, "", ""
		q.scene.moved++
	case unseen:
		m.id, m.sentID = id, id
	}
	d.stay = len(m.past)
	if q == m.place {
		return true
	}
	if !m.place.deadIs(q) || d.count <= m.place.most {
		b.accuse(m, "came from %s with receive %d, though it should be in %s", q.name, d.count, m.place.name)
		return false
	}
	m.place, m.seq = q, 0
	if q.fifo {
		m.sentAt = "" // it is enqueued anew
	}
	return true
}

func (q *queue) deadIs(dead *queue) bool { return q.dead != nil && q.dead == dead }

// buriedIn reports whether a message that was moved back may be in q, having been
// received often enough by receives without an answer.
func (m *message) buriedIn(q *queue, count int) bool {
	for _, source := range q.scene.queues {
		if source.deadIs(q) && count > source.most {
			return true
		}
	}
	return false
}

// checkSteady compares what must stay the same.
func (b *book) checkSteady(m *message, d *delivery, got types.Message) {
	a := got.Attributes
	steady := func(name string, was *string) {
		switch {
		case *was == "":
			*was = a[name]
		case *was != a[name]:
			b.accuse(m, "came with %s %s, and had %s before", name, a[name], *was)
		}
	}
	steady("SentTimestamp", &m.sentAt)
	steady("ApproximateFirstReceiveTimestamp", &m.firstAt)
	source := ""
	for _, q := range d.queue.scene.queues {
		if q.deadIs(d.queue) {
			source = arn(q.name)
		}
	}
	if a["DeadLetterQueueSourceArn"] != source {
		b.accuse(m, "came with DeadLetterQueueSourceArn %q instead of %q", a["DeadLetterQueueSourceArn"], source)
	}
	if !d.queue.fifo {
		return
	}
	want := m.dedup
	if d.queue.content {
		want = fmt.Sprintf("%x", bodySum(m))
	}
	if source != "" {
		want = m.id
	}
	if a["MessageDeduplicationId"] != want {
		b.accuse(m, "came with MessageDeduplicationId %q instead of %q", a["MessageDeduplicationId"], want)
	}
}
