package localqueue

import (
	"errors"
	"maps"
	"slices"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// resume goes on with what was replayed; fresh: nothing was.
func (s *Server) resume(fresh bool) error {
	d := s.disk
	if fresh {
		if err := s.write0(); err != nil {
			return err
		}
	}
	d.sink(0).admitted = false
	exists := present(d.log.Segments())
	s.ahead = max(0, s.engine.Newest()-s.now())
	if err := s.engine.Recovered(s.now(), func(n uint32) bool { return exists[n] }); err != nil {
		return incomplete(err)
	}
	d.ledger.Set(slices.Sorted(maps.Keys(exists)), s.engine.Weigh())
	s.ident = api.NewIdent(s.engine.Key())
	for _, eq := range s.engine.Queues() {
		q := s.newQueue(eq)
		q.sink.admitted = false
		s.queues[eq.Name] = q
		n := eq.Messages.Counts(s.now())
		s.recovery.Queues++
		s.recovery.Messages += n.Visible + n.InFlight + n.Delayed
	}
	return nil
}

// leapBy is more messages than were ever lost to a power failure.
const leapBy = 1 << 32

// leap passes over sequence numbers after an end that may have lost the last records:
// what was in these had numbers, and somebody may still hold a receipt handle or a
// MessageId that names one. No later message is to have it.
func (s *Server) leap() error {
	for _, q := range s.queues {
		room, err := s.disk.log.Admit(costOfControl, journal.Urgent)
		if err != nil && !errors.Is(err, ErrFull) {
			return err
		}
		q.mu.Lock()
		q.begin()
		s.engine.Leap(s.now(), q.q, leapBy) // on a full disk in memory alone, until something is written
		t := q.told(true)
		q.mu.Unlock()
		room.Release()
		if t.err != nil && !errors.Is(t.err, ErrFull) {
			return t.err
		}
	}
	if err := s.disk.log.Sync(); !errors.Is(err, ErrFull) {
		return err
	}
	return nil
}

// awake starts what goes on by itself: the cleaner, and move tasks that were running.
func (s *Server) awake() {
	d := s.disk
	d.ledger.Idle = func(n uint32) {
		if n != d.newest.Load() {
			d.cleaner.look()
		}
	}
	d.cleaner.start(s)
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, q := range s.queues {
		q.mu.Lock()
		q.arm(s.now())
		q.mu.Unlock()
	}
}

// write0 begins a log.
func (s *Server) write0() error {
	room, err := s.disk.log.Admit(costOfControl, journal.Ordinary)
	if err != nil {
		return err
	}
	zero := s.disk.sink(0)
	begun := s.engine.Begin()
	room.Release()
	if !begun {
		return zero.err
	}
	return s.disk.log.Wait(zero.firm.ticket)
}

// newQueue is the shell around an engine's queue.
func (s *Server) newQueue(eq *engine.Queue) *queue {
	q := &queue{s: s, q: eq, fifo: eq.Config.FIFO}
	if s.disk != nil {
		q.sink = s.disk.sink(eq.Number)
	}
	return q
}
