package localqueue

import (
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// alarm is the one timer of a queue. It runs in a goroutine of its own, which
// Close waits for.
type alarm struct {
	at    engine.Time
	timer *time.Timer
}

// arm sets the alarm for the next instant after at when something happens at q that
// nobody calls for. What happened until then the caller has seen to: at is when it
// looked, not the present, between which something may have become visible. An alarm
// that is set for earlier is left alone: going off, it sets the next one. The caller
// holds q's lock.
func (q *queue) arm(at engine.Time) {
	next := max(q.taskDue(), q.rest)
	if q.waiters.Len() > 0 {
		next = min(next, q.q.Messages.Next(at))
	}
	if next == engine.Never || q.alarm != nil && q.alarm.at <= next || q.gone() != nil {
		return
	}
	q.disarm()
	a := &alarm{at: next}
	q.alarm = a
	q.s.busy.Add(1)
	a.timer = time.AfterFunc(time.Duration(next-q.s.now()), func() { q.goOff(a) })
}

// disarm cancels the alarm. One that is going off already finds itself replaced.
func (q *queue) disarm() {
	if q.alarm != nil && q.alarm.timer.Stop() {
		q.s.busy.Done()
	}
	q.alarm = nil
}

// retryAfter is how long a move task waits for a disk that is full.
const retryAfter = time.Second

// retry puts off what is due: for good, if the disk has failed. The caller holds q's
// lock.
func (q *queue) retry() {
	at := q.s.now()
	if q.rest = at + engine.Time(retryAfter); q.s.Err() != nil {
		q.rest = engine.Never
	}
	q.arm(at)
}

func (q *queue) goOff(a *alarm) {
	defer q.s.busy.Done()
	q.mu.Lock()
	if q.alarm == a {
		q.alarm = nil
	}
	moving := q.q.TaskDue() != engine.Never
	q.mu.Unlock()
	if moving {
		q.s.moveDue(q)
	}
	q.s.poke(q)
}
