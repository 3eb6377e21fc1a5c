package localqueue

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// queue is the shell around an engine's queue: its lock, the receivers that wait
// at it, and one timer for the next instant at which one of them could be served
// or a move task has to act.
type queue struct {
	s    *Server
	fifo bool
	mu   sync.Mutex    // guards what follows and every call to q.Messages
	sink *sink         // nil: in memory
	q    *engine.Queue // Config and Tags: readers hold mu or the registry's lock, writers both

	waiters list.List   // of *waiter, in order of arrival
	alarm   *alarm      // nil: none is set
	rest    engine.Time // until when a move task rests, since the disk was full
	late    engine.Time // how much later its steps are due than by its rate and its beginning
	before  uint64      // arrivals as lockWithDead took this queue's lock
	did     counters
	limits  *throttle
	pending map[*lateDelete]struct{} // deletes that a fault has put off; nil: none
}

// waiter is a receive that found nothing and has time left. Whoever makes a
// message deliverable fills in out, under the queue's lock, and closes ready.
type waiter struct {
	ctx     context.Context
	fate    *fate
	request engine.Receive
	out     *engine.Batch
	err     error
	told    told
	ready   chan struct{}
	place   *list.Element // nil: no longer waiting
}

// receive fills out with the messages of one receive, waiting for the first of
// them as long as wait and ctx allow.
func (s *Server) receive(ctx context.Context, q *queue, f *fate, r engine.Receive, wait time.Duration, out *engine.Batch) error {
	for end := time.Now().Add(wait); ; wait = max(0, time.Until(end)) {
		room, full := s.admit(costOfReceive, journal.Urgent)
		if full != nil && !errors.Is(full, ErrFull) {
			return full
		}
		w, t, err := s.receiveNow(ctx, q, f, r, wait, out, full)
		room.Release()
		switch {
		case errors.Is(err, errMore):
		case err != nil:
			return err
		case w == nil:
			return q.complete(t, out)
		default:
			err := q.await(w, wait)
			if err == nil {
				return q.complete(w.told, out)
			}
			if !errors.Is(err, errMore) {
				return err
			}
		}
	}
}

// errMore says that a receive found nothing yet, and has to be made again: it moved
// as many messages to the dead-letter queue as it may at once, or there is something
// that could not be handed to it for lack of room, for which nobody had asked.
var errMore = errors.New("the receive has to be made again")

// receiveNow takes what is there. If that is nothing and there is time to wait, the
// waiter is returned. full is why nothing can be taken, if the disk has no room; where
// there is nothing to take none is needed.
func (s *Server) receiveNow(ctx context.Context, q *queue, f *fate, r engine.Receive, wait time.Duration, out *engine.Batch, full error) (*waiter, told, error) {
	dead, err := s.lockWithDead(q)
	if err != nil {
		return nil, told{}, err
	}
	defer s.unlockWithDead(q, dead)
	if err := ctx.Err(); err != nil {
		return nil, told{}, err
	}
	at := s.now()
	if full == nil {
		q.begin()
	} else if q.finds(at, r) {
		return nil, told{}, full
	}
	over := q.handOut(at, f, r, dead, out)
	q.double(at, f, r, out)
	t := q.told(false)
	switch {
	case len(out.Deliveries) == 0 && dead != nil && dead.q.Messages.Arrivals() > dead.before:
		return nil, t, errMore
	case len(out.Deliveries) > 0 || wait == 0 || s.draining.Load():
		q.received(len(out.Deliveries))
		if over {
			return nil, t, &engine.Error{Code: engine.CodeOverLimit, Message: "Too many messages have been received without being deleted.\nPlease delete your received messages or let them timeout before receiving more."}
		}
		return nil, t, nil
	}
	w := &waiter{ctx: ctx, fate: f, request: r, out: out, ready: make(chan struct{})}
	w.place = q.waiters.PushBack(w)
	q.arm(at)
	return w, t, nil
}

// finds reports whether a receive would find a message. The caller holds q's lock.
func (q *queue) finds(at engine.Time, r engine.Receive) bool {
	_, any := q.q.Messages.Peek(at)
	return any || r.Attempt != "" && q.q.Messages.Counts(at).InFlight > 0 // which it may be given again
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
	if w.err = w.ctx.Err(); w.err == nil {
		q.received(0)
	}
	return w.err
}

func (q *queue) leave(w *waiter) {
	q.waiters.Remove(w.place)
	w.place = nil
}

// dismiss ends all waiting with err, or with nothing received if that is nil.
func (q *queue) dismiss(err error) {
	for e := q.waiters.Front(); e != nil; e = q.waiters.Front() {
		w := e.Value.(*waiter)
		q.leave(w)
		if w.err = err; err == nil {
			q.received(0)
		}
		close(w.ready)
	}
}

// takeBack undoes a receive that the log refused: the waiter makes it again, with
// room. The caller holds q's lock.
func (q *queue) takeBack(at engine.Time, w *waiter) {
	for i := range w.out.Deliveries {
		q.q.Messages.Release(at, w.out.Deliveries[i].Handle)
	}
	w.out.Reset()
	q.told(false) // that may have been refused, too
	w.err = errMore
}

// serve hands what is deliverable to those who wait, the longest waiting first. It
// stops early, with more true, when what it handed out made a message one that a
// further receive has to move away, for which it lacks the dead-letter queue.
func (q *queue) serve(dead *queue) (more bool) {
	at := q.s.now()
	for e := q.waiters.Front(); e != nil; e = q.waiters.Front() {
		w := e.Value.(*waiter)
		if w.err = w.ctx.Err(); w.err == nil {
			before := dead.arrivals()
			q.handOut(at, w.fate, w.request, dead, w.out)
			if len(w.out.Deliveries) == 0 {
				more = dead != nil && dead.arrivals() > before
				break
			}
			q.double(at, w.fate, w.request, w.out)
			if w.told = q.told(false); errors.Is(w.told.err, ErrFull) {
				q.takeBack(at, w)
			} else {
				q.received(len(w.out.Deliveries))
			}
		}
		q.leave(w)
		close(w.ready)
		if dead == nil && q.waiters.Len() > 0 && q.q.Messages.NeedsDead(at) {
			more = true
			break
		}
	}
	q.arm(at)
	return more
}
