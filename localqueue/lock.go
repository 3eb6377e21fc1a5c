package localqueue

import "github.com/quayside-go/quayside/localqueue/internal/engine"

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
		more := q.serve(nil)
		q.mu.Unlock()
		if !more {
			return
		}
	} else {
		q.mu.Unlock()
	}
	s.poke(q)
}

// poke serves those who wait at q. The caller holds no lock.
func (s *Server) poke(q *queue) {
	for more := true; more; { // each round but the last serves somebody, or moves messages away
		dead, err := s.lockWithDead(q)
		if err != nil {
			return
		}
		more = q.serve(dead)
		s.unlockWithDead(q, dead)
	}
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
	if dead != nil {
		q.did.moved += dead.q.Messages.Arrivals() - dead.before
	}
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

// arrivals are the messages that ever came to q, 0 if there is no queue.
func (q *queue) arrivals() uint64 {
	if q == nil {
		return 0
	}
	return q.q.Messages.Arrivals()
}

func (q *queue) engineQueue() *engine.Queue {
	if q == nil {
		return nil
	}
	return q.q
}
