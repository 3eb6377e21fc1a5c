package naive

import (
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// maxMoves is how many messages one receive moves away at most.
const maxMoves = 50

func (q *queue) Receive(now engine.Time, r engine.Receive, dead engine.Messages, out *engine.Batch) (over bool) {
	q.advance(now)
	q.begin()
	if q.replay(r, out) {
		return false
	}
	if q.full() {
		return !q.settings.FIFO && q.counts[visible] > 0
	}
	var taken []*message
	moved := 0
	for len(taken) < r.Max && !q.full() {
		m := q.pick()
		if m == nil {
			break
		}
		if q.worn(m) && dead != nil {
			if moved++; moved > maxMoves {
				break
			}
			q.move(m, dead)
			continue
		}
		q.receive(m, r.Visibility)
		out.Deliveries = append(out.Deliveries, q.delivery(m))
		taken = append(taken, m)
	}
	if r.Visibility == 0 {
		for _, m := range taken {
			q.place(m, visible, q.now)
		}
	}
	q.remember(r.Attempt, taken)
	return false
}

// full reports whether no more messages may be in flight.
func (q *queue) full() bool { return q.counts[inFlight] >= q.settings.MaxInFlight }

// pick returns the message to hand out next, or nil.
func (q *queue) pick() *message {
	if q.settings.FIFO {
		return q.pickFIFO()
	}
	return q.pickFair()
}

// receive counts a receive of m and brings it in flight for timeout.
func (q *queue) receive(m *message, timeout time.Duration) {
	if m.receives == 0 {
		m.first = q.now
	}
	m.receives++
	m.here++
	if m.here == q.settings.MaxReceives {
		q.wornOut++
	}
	m.received, m.changed, m.reply = q.now, false, q.reply
	if timeout > 0 {
		q.place(m, inFlight, after(q.now, timeout))
	} else {
		q.place(m, inFlight, engine.Never) // until the reply is complete
	}
	if q.settings.FIFO {
		q.serving = m.Group
	} else {
		q.judge(m.tenant)
	}
}

func (q *queue) delivery(m *message) engine.Delivery {
	return engine.Delivery{
		Handle:   engine.Handle{Queue: q.id, Seq: m.seq, Receive: m.receives, At: m.received},
		Origin:   m.origin,
		Source:   m.source,
		Sent:     m.sent,
		First:    m.first,
		Receives: m.receives,
		MD5:      m.MD5,
		Blob:     append([]byte(nil), m.Blob...),
	}
}

func (q *queue) Peek(now engine.Time) (source uint32, ok bool) {
	q.advance(now)
	m := q.first()
	if m == nil {
		return 0, false
	}
	return m.source, true
}

func (q *queue) First(now engine.Time) (engine.Handle, bool) {
	q.advance(now)
	m := q.first()
	if m == nil {
		return engine.Handle{}, false
	}
	return engine.Handle{Queue: q.id, Seq: m.seq, Receive: m.receives, At: q.now}, true
}

func (q *queue) Take(now engine.Time, out *engine.Batch) bool {
	q.advance(now)
	m := q.first()
	if m == nil {
		return false
	}
	q.remove(m)
	out.Deliveries = append(out.Deliveries, q.delivery(m))
	return true
}

// first returns the message that a new receive would begin with, or nil.
func (q *queue) first() *message {
	q.begin()
	return q.pick()
}

// begin begins a reply.
func (q *queue) begin() { q.reply, q.serving = q.reply+1, "" }
