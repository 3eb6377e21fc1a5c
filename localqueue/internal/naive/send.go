package naive

import (
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

func (q *queue) Send(now engine.Time, m *engine.Message) engine.Sent {
	q.advance(now)
	if q.settings.FIFO {
		if first, ok := q.dedup.find(m.Group, m.Dedup); ok {
			return engine.Sent{Seq: first, Duplicate: true}
		}
	}
	sent := &message{Message: *m, sent: q.now}
	q.add(sent, after(q.now, q.delay(m)))
	if q.settings.FIFO {
		q.dedup.accept(q.now, m.Group, m.Dedup, sent.seq)
	} else {
		sent.tenant.lastSend, sent.tenant.sends = q.now, true
	}
	return engine.Sent{Seq: sent.seq}
}

func (q *queue) delay(m *engine.Message) time.Duration {
	if q.settings.FIFO || m.Delay < 0 {
		return q.settings.Delay
	}
	return m.Delay
}

func (q *queue) Arrive(now engine.Time, m *engine.Moved) uint64 {
	q.advance(now)
	arrived := &message{
		Message:  m.Message,
		origin:   m.Origin,
		source:   m.Source,
		sent:     m.Sent,
		first:    m.First,
		receives: m.Receives,
	}
	ready := q.now
	if q.settings.FIFO {
		arrived.sent = q.now
		ready = after(q.now, q.settings.Delay)
	}
	q.add(arrived, ready)
	q.advance(q.now) // its retention may be over already
	return arrived.seq
}

// move hands m over to the dead-letter queue, which may be q.
func (q *queue) move(m *message, dead engine.Messages) {
	q.remove(m)
	dead.Arrive(q.now, &engine.Moved{
		Message:  m.Message,
		Origin:   m.origin,
		Source:   q.id,
		Sent:     m.sent,
		First:    m.first,
		Receives: m.receives,
	})
}

func (q *queue) Arrivals() uint64 { return q.seq }

func (q *queue) Oldest(now engine.Time) engine.Time {
	q.advance(now)
	if m := q.ages.top(); m != nil {
		return m.sent
	}
	return engine.Never
}
