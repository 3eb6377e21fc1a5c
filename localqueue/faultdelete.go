package localqueue

import (
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// lateDelete is a delete that was answered and is carried out later. Its timer runs in a
// goroutine of its own, which Close waits for.
type lateDelete struct {
	handle engine.Handle
	timer  *time.Timer
}

// putOff reports whether a fault keeps a delete from being carried out now. The caller
// holds q's lock.
func (q *queue) putOff(at engine.Time, f *fate, h engine.Handle) bool {
	if f == nil || q.fifo || at > h.At+int64(engine.MaxVisibility) { // too late for any delete
		return false
	}
	if !q.q.Messages.Latest(at, h) {
		_, ok := f.strikesMessage(StaleDelete, h.Seq, h.Receive)
		return ok
	}
	rule, ok := f.strikesMessage(SlowDelete, h.Seq, h.Receive)
	if ok {
		q.deleteLater(h, rule.Delay)
	}
	return ok
}

// deleteLater sets the timer. The caller holds q's lock and knows that q is not gone.
func (q *queue) deleteLater(h engine.Handle, d time.Duration) {
	l := &lateDelete{handle: h}
	if q.pending == nil {
		q.pending = map[*lateDelete]struct{}{}
	}
	q.pending[l] = struct{}{}
	q.s.busy.Add(1)
	l.timer = time.AfterFunc(d, func() { q.deleteNow(l) })
}

// disarmDeletes cancels them all. One whose timer went off already finds q gone. The
// caller holds q's lock.
func (q *queue) disarmDeletes() {
	for l := range q.pending {
		if l.timer.Stop() {
			q.s.busy.Done()
		}
	}
	q.pending = nil
}

// deleteNow carries it out, unless the message was received again. The error of a disk
// has nobody left to be told.
func (q *queue) deleteNow(l *lateDelete) {
	defer q.s.busy.Done()
	_ = q.s.settling(q, deleting, 1, func(at engine.Time) {
		if q.q.Messages.Latest(at, l.handle) {
			_ = q.apply(at, nil, deleting, l.handle, &api.Change{}) // or it is twelve hours old
		}
	})
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.pending, l)
}
