package killtest_test

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// checkOrder checks that nothing of the message's group that stands before it was
// passed over.
func (b *book) checkOrder(m *message, d *delivery, r *receive, got types.Message) {
	text := got.Attributes["SequenceNumber"]
	seq, ok := parseSeq(text)
	switch {
	case !ok:
		b.accuse(m, "came with SequenceNumber %q", text)
		return
	case m.seq != 0 && m.seq != seq:
		b.accuse(m, "came with SequenceNumber %s instead of 18%018d", text, m.seq)
	case m.seq == 0:
		b.enroll(m, d.queue, seq)
	}
	if len(m.past) == 0 && d.queue == m.home && m.sentSeq == "" {
		m.sentSeq = text
	}
	group := slices.DeleteFunc(d.queue.groups[m.group], func(x *message) bool {
		return x.place != d.queue || x.presence() == absent && x != m
	})
	d.queue.groups[m.group] = group
	for _, x := range group {
		if x.seq < seq && !slices.Contains(r.reply, x) && x.stands(d.queue, r) {
			b.accuse(m, "came before m%d, which stands before it in group %q:\n%s", x.token, m.group, b.history(x))
			return
		}
	}
}

// stands reports whether m was in q all the time of r.
func (m *message) stands(q *queue, r *receive) bool {
	if m.presence() != certain || m.confirmed >= r.begin || len(m.past) > 0 && m.since >= r.begin {
		return false
	}
	if !q.leaky {
		return true
	}
	if q.dead == nil {
		return false // a move task may have taken it
	}
	count := 0
	if d := m.last(); d != nil {
		count = d.count
	}
	for _, o := range slices.Concat(q.missed, q.under) {
		if o.latest() > m.sends[0].begin {
			count++
		}
	}
	return count < q.most
}

// enroll notes the sequence number that m has in q.
func (b *book) enroll(m *message, q *queue, seq uint64) {
	m.seq = seq
	q.groups[m.group] = append(q.groups[m.group], m)
}

// parseSeq reads the twenty digits of a SequenceNumber; a multiple of what is left out
// stands in front.
func parseSeq(s string) (uint64, bool) {
	short, ok := strings.CutPrefix(s, "18")
	n, err := strconv.ParseUint(short, 10, 64)
	return n, ok && err == nil && len(s) == 20
}

func bodySum(m *message) [32]byte { return sha256.Sum256([]byte(bodyOf(m.token, m.size))) }

// answered notes what a send was answered: of m, which o sent to its home, when all
// sequence numbers up to floor had been given.
func (b *book) answered(m *message, o *op, floor uint64, out *sqs.SendMessageOutput) {
	id, text := aws.ToString(out.MessageId), aws.ToString(out.SequenceNumber)
	if first := m.repeats; first != nil {
		if id != first.sentID || text != first.sentSeq {
			b.accuse(m, "repeats the deduplication id of m%d, and was answered MessageId %s, SequenceNumber %s:\n%s", first.token, id, text, b.history(first))
		}
		return
	}
	m.confirmed = min(m.confirmed, o.end)
	if m.sentID != "" && m.sentID != id || m.sentSeq != "" && m.sentSeq != text {
		b.accuse(m, "had MessageId %s and SequenceNumber %s, and its send was answered %s and %s", m.sentID, m.sentSeq, id, text)
		return
	}
	if other, known := b.ids[id]; known && other != m.token {
		b.accuse(m, "was given MessageId %s, which is that of m%d", id, other)
	}
	b.ids[id] = m.token
	if m.sentID = id; m.id == "" && len(m.past) == 0 {
		m.id = id
	}
	if m.home.fifo {
		b.numbered(m, floor, text)
	}
}

// numbered notes the sequence number that a send was answered.
func (b *book) numbered(m *message, floor uint64, text string) {
	q, fresh := m.home, len(m.sends) == 1
	seq, ok := parseSeq(text)
	if !ok || fresh && seq <= floor {
		b.accuse(m, "was given SequenceNumber %q, which does not rise above 18%018d", text, floor)
	}
	q.floor = max(q.floor, seq)
	m.sentSeq = text
	if m.place == q && len(m.past) == 0 && m.seq == 0 {
		b.enroll(m, q, seq)
	}
}
