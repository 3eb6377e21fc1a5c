package naive

import (
	"container/list"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// attempts remembers what was received under a ReceiveRequestAttemptId.
type attempts struct {
	byID  map[string]*list.Element // of order
	order list.List                // of *attempt, by first
}

type attempt struct {
	id       string
	first    engine.Time
	receives []receive
}

// receive is one receive of a message.
type receive struct {
	m      *message
	number uint32
}

func newAttempts() attempts { return attempts{byID: map[string]*list.Element{}} }

// advance forgets the attempts whose window is over.
func (a *attempts) advance(now engine.Time) {
	for e := a.order.Front(); e != nil; e = a.order.Front() {
		old := e.Value.(*attempt)
		if now < after(old.first, engine.AttemptWindow) {
			return
		}
		a.forget(old.id)
	}
}

func (a *attempts) forget(id string) {
	if e := a.byID[id]; e != nil {
		a.order.Remove(e)
		delete(a.byID, id)
	}
}

// remember lets id stand for the messages taken.
func (q *queue) remember(id string, taken []*message) {
	if !q.settings.FIFO || id == "" || len(taken) == 0 {
		return
	}
	made := &attempt{id: id, first: q.now}
	for _, m := range taken {
		made.receives = append(made.receives, receive{m, m.receives})
	}
	q.attempts.forget(id)
	q.attempts.byID[id] = q.attempts.order.PushBack(made)
}

// replay answers a repeated attempt as the first time, if that is possible.
func (q *queue) replay(r engine.Receive, out *engine.Batch) bool {
	e := q.attempts.byID[r.Attempt]
	if e == nil {
		return false
	}
	receives := e.Value.(*attempt).receives
	for _, was := range receives {
		if q.messages[was.m.seq] != was.m || was.m.receives != was.number || was.m.changed {
			return false
		}
	}
	for _, was := range receives {
		q.hide(was.m, r.Visibility)
		out.Deliveries = append(out.Deliveries, q.delivery(was.m))
	}
	return true
}
