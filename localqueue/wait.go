package localqueue

import (
	"container/list"
	"context"
	"sync"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// queue is the shell around an engine's queue: its lock, the receivers that wait
// at it, and one timer for the next instant at which one of them could be served
// or a move task has to act.
type queue struct {
	s    *Server
	fifo bool
	mu   sync.Mutex    // guards what follows and every call to q.Messages
	q    *engine.Queue // Config and Tags: readers hold mu or the registry's lock, writers both

	waiters list.List // of *waiter, in order of arrival
	alarm   *alarm    // nil: none is set
	before  uint64    // arrivals as lockWithDead took this queue's lock
	limits  *throttle
}

// waiter is a receive that found nothing and has time left. Whoever makes a
// message deliverable fills in out, under the queue's lock, and closes ready.
type waiter struct {
	ctx     context.Context
	request engine.Receive
	out     *engine.Batch
	err     error
	ready   chan struct{}
	place   *list.Element // nil: no longer waiting
}

// receive fills out with the messages of one receive, waiting for the first of
// them as long as wait and ctx allow.
func (s *Server) receive(ctx context.Context, q *queue, r engine.Receive, wait time.Duration, out *engine.Batch) error {
	dead, err := s.lockWithDead(q)
	if err != nil {
		return err
	}
	over := q.q.Messages.Receive(s.now(), r, dead.messages(), out)
	if len(out.Deliveries) > 0 || wait == 0 {
		s.unlockWithDead(q, dead)
		if over {
			return &engine.Error{Code: engine.CodeOverLimit, Message: "Too many messages have been received without being deleted.\nPlease delete your received messages or let them timeout before receiving more."}
		}
		return nil
	}
	w := &waiter{ctx: ctx, request: r, out: out, ready: make(chan struct{})}
	w.place = q.waiters.PushBack(w)
	q.arm()
	s.unlockWithDead(q, dead)
	return q.await(w, wait)
}

func (q *queue) await(w *waiter, wait time.Duration) error {
	end := time.NewTimer(wait)
	defer end.Stop()
	select {
	case <-w.ready:
		return w.err
	case <-end.C:
		q.s.poke(q) // what becomes deliverable at this very instant still counts
	case <-w.ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if w.place == nil { // served, or dismissed, at this very moment
		return w.err
	}
	q.leave(w)
	return w.ctx.Err()
}

func (q *queue) leave(w *waiter) {
	q.waiters.Remove(w.place)
	w.place = nil
}

// dismiss ends all waiting with err.
func (q *queue) dismiss(err error) {
	for e := q.waiters.Front(); e != nil; e = q.waiters.Front() {
		w := e.Value.(*waiter)
		q.leave(w)
		w.err = err
		close(w.ready)
	}
}

// serve hands what is deliverable to those who wait, the longest waiting first.
func (q *queue) serve(dead *queue) {
	at := q.s.now()
	for e := q.waiters.Front(); e != nil; e = q.waiters.Front() {
		w := e.Value.(*waiter)
		if w.err = w.ctx.Err(); w.err == nil {
			q.q.Messages.Receive(at, w.request, dead.messages(), w.out)
			if len(w.out.Deliveries) == 0 {
				break
			}
		}
		q.leave(w)
		close(w.ready)
	}
	q.arm()
}

// lock takes q's lock; it fails if the queue or the server is gone.
func (q *queue) lock() error {
	q.mu.Lock()
	err := q.gone()
	if err != nil {
		q.mu.Unlock()
	}
	return err
}

// unlock gives q's lock back after a change that may have made something
// deliverable, and serves those who wait.
func (s *Server) unlock(q *queue) {
	if q.waiters.Len() == 0 {
		q.mu.Unlock()
		return
	}
	if !q.q.Messages.NeedsDead(q.s.now()) {
		q.serve(nil)
		q.mu.Unlock()
		return
	}
	q.mu.Unlock()
	s.poke(q)
}

// poke serves those who wait at q. The caller holds no lock.
func (s *Server) poke(q *queue) {
	dead, err := s.lockWithDead(q)
	if err != nil {
		return
	}
	q.serve(dead)
	s.unlockWithDead(q, dead)
}

// lockWithDead takes the lock of q and, if a receive may have to move messages
// away, that of its dead-letter queue, which is then returned.
func (s *Server) lockWithDead(q *queue) (dead *queue, err error) {
	if err := q.lock(); err != nil {
		return nil, err
	}
	for q.q.Config.Redrive != nil && q.q.Messages.NeedsDead(q.s.now()) {
		target := q.q.Config.Redrive.Target
		q.mu.Unlock()
		s.mu.RLock()
		dead = s.queues[target]
		s.mu.RUnlock()
		lockBoth(q, dead)
		if err := q.gone(); err != nil {
			unlockBoth(q, dead)
			return nil, err
		}
		if dead == nil { // it was deleted: nothing moves
			return nil, nil
		}
		// The lock was free in between: another queue may be meant by now.
		if r := q.q.Config.Redrive; !dead.q.Deleted && r != nil && r.Target == target {
			dead.before = dead.q.Messages.Arrivals()
			return dead, nil
		}
		if dead != q {
			dead.mu.Unlock()
		}
	}
	return nil, nil
}

// unlockWithDead undoes lockWithDead and serves those who wait at the
// dead-letter queue if messages arrived there. (Only then: two queues may be each
// other's dead-letter queues.)
func (s *Server) unlockWithDead(q, dead *queue) {
	q.mu.Unlock()
	if dead == nil || dead == q {
		return
	}
	if dead.q.Messages.Arrivals() == dead.before {
		dead.mu.Unlock()
		return
	}
	s.unlock(dead)
}

// gone is the error of a call to a queue that was deleted or whose server was
// closed. The caller holds q's lock.
func (q *queue) gone() error {
	select {
	case <-q.s.done:
		return ErrClosed
	default:
	}
	if q.q.Deleted {
		return errNoQueue
	}
	return nil
}

// lockBoth takes two queues' locks in the order of their numbers; b may be nil
// or a.
func lockBoth(a, b *queue) {
	switch {
	case b == nil || a == b:
		a.mu.Lock()
	case a.q.Number < b.q.Number:
		a.mu.Lock()
		b.mu.Lock()
	default:
		b.mu.Lock()
		a.mu.Lock()
	}
}

func unlockBoth(a, b *queue) {
	a.mu.Unlock()
	if b != nil && a != b {
		b.mu.Unlock()
	}
}

// messages are those of a dead-letter queue, nil if there is none.
func (q *queue) messages() engine.Messages {
	if q == nil {
		return nil
	}
	return q.q.Messages
}

func (q *queue) engineQueue() *engine.Queue {
	if q == nil {
		return nil
	}
	return q.q
}
