package naive

import (
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

func (q *queue) Delete(now engine.Time, h engine.Handle) engine.Verdict {
	q.advance(now)
	m, verdict := q.named(h)
	if verdict == engine.Done {
		q.remove(m)
	}
	return verdict
}

func (q *queue) ChangeVisibility(now engine.Time, h engine.Handle, d time.Duration) engine.Verdict {
	q.advance(now)
	m, verdict := q.named(h)
	if verdict != engine.Done {
		return verdict
	}
	if d > 0 && after(q.now, d) >= after(h.At, engine.MaxVisibility) {
		return engine.BeyondLimit
	}
	m.changed = true
	q.hide(m, d)
	return engine.Done
}

func (q *queue) Latest(now engine.Time, h engine.Handle) bool {
	q.advance(now)
	m := q.messages[h.Seq]
	return m != nil && m.receives == h.Receive
}

func (q *queue) Release(now engine.Time, h engine.Handle) bool {
	q.advance(now)
	m := q.messages[h.Seq]
	if m == nil || m.state != inFlight || m.receives != h.Receive {
		return false
	}
	m.changed = true
	q.hide(m, 0)
	return true
}

// hide brings m in flight for timeout; with 0 it is visible as of now.
func (q *queue) hide(m *message, timeout time.Duration) {
	if timeout > 0 {
		q.place(m, inFlight, after(q.now, timeout))
	} else {
		q.place(m, visible, q.now)
	}
}

// named returns the message that h may act on, or the verdict why it may not.
func (q *queue) named(h engine.Handle) (*message, engine.Verdict) {
	m := q.messages[h.Seq]
	switch {
	case m == nil:
		return nil, engine.Gone
	case q.now > after(h.At, engine.MaxVisibility):
		return nil, engine.Expired
	case q.settings.FIFO && (m.state != inFlight || h.Receive != m.receives):
		return nil, engine.Expired
	}
	return m, engine.Done
}
