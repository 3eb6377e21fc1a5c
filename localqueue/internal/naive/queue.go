package naive

import (
	"container/list"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// queue implements engine.Messages. Its type, standard or FIFO, is that of the
// first Configure.
type queue struct {
	id         uint32
	now        engine.Time
	configured bool
	settings   engine.Settings
	seq        uint64 // the latest given
	reply      uint64 // the receives begun

	messages map[uint64]*message // by sequence number
	counts   [states]int
	due      order // delayed and in flight, by the end of that
	ages     order // all, by send time
	wornOut  int   // how many were received as often as allowed

	tenants map[string]*tenant // standard
	noisy   map[*tenant]bool
	all     usage // of all tenants together
	swept   int64 // the window in which tenants were last forgotten

	groups   map[string]*group // FIFO
	line     list.List         // of *message: all, by sequence number
	serving  string            // the group that the reply was last served from, or ""
	dedup    dedup
	attempts attempts
}

// New returns the messages of a queue without any; id goes into origins and handles.
func New(id uint32) engine.Messages {
	return &queue{
		id:       id,
		messages: map[uint64]*message{},
		due:      byReady(),
		ages:     byAge(),
		tenants:  map[string]*tenant{},
		noisy:    map[*tenant]bool{},
		groups:   map[string]*group{},
		dedup:    newDedup(),
		attempts: newAttempts(),
	}
}

func (q *queue) Configure(now engine.Time, s engine.Settings) {
	q.advance(now)
	old := q.settings
	q.settings = s
	switch {
	case !q.configured:
		q.dedup.perGroup = s.GroupScope
	case s.GroupScope != old.GroupScope:
		q.dedup.rescope(after(q.now, engine.ScopeDelay), s.GroupScope)
	}
	q.configured = true
	if s.FIFO && s.Delay != old.Delay {
		q.redelay()
	}
	q.wornOut = 0
	for _, m := range q.messages {
		if q.worn(m) {
			q.wornOut++
		}
	}
	q.advance(q.now) // a shorter retention may be over already
}

// redelay moves the availability of messages never received here to send time +
// Delay.
func (q *queue) redelay() {
	for _, m := range q.messages {
		if m.here > 0 {
			continue
		}
		ready := after(m.sent, q.settings.Delay)
		if ready > q.now {
			q.place(m, delayed, ready)
		} else {
			q.place(m, visible, ready)
		}
	}
}

// advance brings q to now, deadline by deadline: q.now is the instant of each
// change while it is made.
func (q *queue) advance(now engine.Time) {
	if now < q.now {
		now = q.now
	}
	for {
		m, at, gone := q.nextDeadline()
		if at > now {
			break
		}
		q.now = max(q.now, at)
		if gone {
			q.remove(m)
		} else {
			q.place(m, visible, at)
		}
	}
	q.now = now
	q.calmSilent()
	q.dedup.advance(now)
	q.attempts.advance(now)
	q.forgetTenants()
}

// nextDeadline returns the message that changes state next by itself, when, and
// whether by vanishing.
func (q *queue) nextDeadline() (m *message, at engine.Time, gone bool) {
	at = engine.Never
	if oldest := q.ages.top(); oldest != nil {
		m, at, gone = oldest, q.expiry(oldest), true
	}
	if first := q.due.top(); first != nil && first.ready < at {
		m, at, gone = first, first.ready, false
	}
	return m, at, gone
}

func (q *queue) Purge(now engine.Time) {
	q.advance(now)
	for _, m := range q.messages {
		q.remove(m)
	}
	clear(q.tenants) // their past as well
	q.all = usage{}
	q.dedup.clear()
	q.attempts = newAttempts()
}

func (q *queue) Counts(now engine.Time) engine.Counts {
	q.advance(now)
	return engine.Counts{Visible: q.counts[visible], InFlight: q.counts[inFlight], Delayed: q.counts[delayed]}
}

func (q *queue) NeedsDead(now engine.Time) bool {
	q.advance(now)
	return q.wornOut > 0
}
