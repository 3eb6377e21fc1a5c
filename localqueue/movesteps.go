package localqueue

import (
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// moveDue takes the steps of q's move task that are due. The caller holds no lock.
func (s *Server) moveDue(q *queue) {
	for {
		to, due := s.moveOne(q)
		if to != nil {
			s.poke(to)
		}
		if !due {
			return
		}
	}
}

// moveOne takes one step, if one is due. A message may have arrived at to.
func (s *Server) moveOne(q *queue) (to *queue, due bool) {
	room, err := s.admit(costOfReceive, journal.Urgent)
	if err != nil {
		q.mu.Lock()
		q.retry()
		q.mu.Unlock()
		return nil, false
	}
	defer room.Release()
	s.mu.RLock()
	defer s.mu.RUnlock()
	name, due := s.nextMove(q)
	if !due || name == (engine.Name{}) {
		return nil, due
	}
	to = s.queues[name]
	lockBoth(q, to)
	defer unlockBoth(q, to)
	if q.gone() != nil {
		return nil, false
	}
	// The lock was free in between: the next message may be another one now.
	at := s.now()
	q.begin()
	if again, _ := s.engine.TaskTarget(at, q.q); again != name {
		q.told(false)
		return nil, true
	}
	before := to.arrivals()
	s.engine.StepTask(at, q.q, to.engineQueue()) // at that instant it is still the same
	q.did.moved += to.arrivals() - before
	if t := q.told(false); t.err != nil { // nobody waits for a step; one that was refused is taken later
		q.retry()
		return nil, false
	}
	return to, true
}

// mostLate is how late a move task may be and still make up for it, as timers are
// late now and then.
const mostLate = 20 * time.Millisecond

// taskDue is when q's move task has to act next, Never if none runs. The caller holds
// q's lock.
func (q *queue) taskDue() engine.Time {
	due := q.q.TaskDue()
	if due == engine.Never {
		return due
	}
	return due + q.late
}

// keepPace has a move task that could not act for a while, since nothing ran or the
// disk was full, go on at its rate from now, with nothing to catch up on. The caller
// holds q's lock.
func (q *queue) keepPace(at engine.Time) {
	if behind := at - q.taskDue(); behind > engine.Time(mostLate) {
		q.late += behind
	}
}

// nextMove says whether a step is due and where it leads; the zero Name if the
// task ended. The caller holds the registry.
func (s *Server) nextMove(q *queue) (engine.Name, bool) {
	if q.lock() != nil {
		return engine.Name{}, false
	}
	defer q.mu.Unlock()
	at := s.now()
	if max(q.taskDue(), q.rest) > at {
		q.arm(at)
		return engine.Name{}, false
	}
	q.keepPace(at)
	q.begin()
	name, _ := s.engine.TaskTarget(at, q.q)
	q.told(false)
	return name, true
}
