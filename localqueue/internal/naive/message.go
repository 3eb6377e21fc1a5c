package naive

import (
	"container/list"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

type state uint8

const (
	delayed state = iota
	visible
	inFlight
	states
)

func (s state) String() string { return [states]string{"delayed", "visible", "in flight"}[s] }

// message is all that a queue knows of one message.
type message struct {
	engine.Message // its Blob is ours
	seq            uint64
	origin         engine.Origin
	source         uint32
	sent           engine.Time
	first          engine.Time
	receives       uint32 // in all queues it has been in
	here           uint32 // in this queue

	state    state
	ready    engine.Time // when the delay or timeout ends; once visible, when it did
	received engine.Time // the latest receive
	changed  bool        // by ChangeVisibility, since that receive
	reply    uint64      // the latest call of Receive that handed it out

	tenant *tenant       // standard queues
	group  *group        // FIFO queues
	elem   *list.Element // place in the group
	inLine *list.Element // place in the queue

	inDue, inAges, inVisible int // places in the heaps
}

// add makes m a message of q, available at ready.
func (q *queue) add(m *message, ready engine.Time) {
	q.seq++
	m.seq = q.seq
	if m.origin == (engine.Origin{}) {
		m.origin = engine.Origin{Queue: q.id, Seq: m.seq}
	}
	m.Blob = append([]byte(nil), m.Blob...)
	q.messages[m.seq] = m
	q.ages.add(m)
	if q.settings.FIFO {
		m.group = q.groupOf(m.Group)
		m.elem = m.group.messages.PushBack(m)
		m.inLine = q.line.PushBack(m)
	} else {
		m.tenant = q.tenantOf(m.Group)
	}
	m.ready, m.state = ready, visible
	if ready > q.now {
		m.state = delayed
	}
	q.enter(m)
}

// remove takes m out of q for good.
func (q *queue) remove(m *message) {
	q.leave(m)
	delete(q.messages, m.seq)
	q.ages.remove(m)
	if q.worn(m) {
		q.wornOut--
	}
	if q.settings.FIFO {
		q.line.Remove(m.inLine)
		m.group.messages.Remove(m.elem)
		if m.group.messages.Len() == 0 {
			delete(q.groups, m.group.name)
		}
	} else {
		q.calm(m.tenant)
	}
}

// place brings m into state to, which ends (or, when visible, began) at ready.
func (q *queue) place(m *message, to state, ready engine.Time) {
	if m.state == to && to != visible { // only the deadline moves
		m.ready = ready
		q.due.fix(m)
		return
	}
	q.leave(m)
	m.state, m.ready = to, ready
	q.enter(m)
	if !q.settings.FIFO {
		q.calm(m.tenant)
	}
}

// enter counts m in its state, and lists it where its state is looked for.
func (q *queue) enter(m *message) {
	q.count(m, +1)
	switch {
	case m.state != visible:
		q.due.add(m)
	case m.tenant != nil:
		m.tenant.visible.add(m)
	}
}

// leave undoes enter.
func (q *queue) leave(m *message) {
	q.count(m, -1)
	switch {
	case m.state != visible:
		q.due.remove(m)
	case m.tenant != nil:
		m.tenant.visible.remove(m)
	}
}

func (q *queue) count(m *message, by int) {
	if m.tenant != nil {
		if m.state == inFlight {
			q.all.book(q.now, q.counts[inFlight])
			m.tenant.book(q.now, m.tenant.counts[inFlight])
		}
		m.tenant.counts[m.state] += by
	}
	q.counts[m.state] += by
}

// worn reports whether m was received as often as the redrive policy lets it be.
func (q *queue) worn(m *message) bool {
	return q.settings.MaxReceives > 0 && m.here >= q.settings.MaxReceives
}

// expiry is when the retention of m is over.
func (q *queue) expiry(m *message) engine.Time { return after(m.sent, q.settings.Retention) }

func after(t engine.Time, d time.Duration) engine.Time { return t + int64(d) }
