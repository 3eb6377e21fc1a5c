package worker

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// Stats is what a worker does and has done since its Run began.
type Stats struct {
	FIFO      bool // the queue is one
	Running   int  // handlers
	Waiting   int  // messages at hand whose handlers have not started
	Leases    int  // messages whose visibility timeouts are being extended when due
	Undeleted int  // messages that are done and whose deletes SQS has not confirmed
	Pollers   int
	LastPoll  time.Time // the last receive that was answered; zero: none was

	Received     int64 // messages
	Done         int64 // handlers that returned nil
	Failed       int64 // handlers that failed, each time
	Discarded    int64 // see Outcome
	DeadLettered int64
	Snoozed      int64
	Interrupted  int64 // the Outcome Released: by a drain, while they ran
	Released     int64 // messages that went back unhandled; those interrupted are not among them
	Skipped      int64 // messages that came again although they were done, and were deleted
	LostLeases   int64 // messages whose visibility timeout ran out at hand

	// Requests counts the requests to SQS by action, each try of each.
	Requests map[string]int64
}

// stats is what Stats is read from.
type stats struct {
	received, done, failed, discarded, deadLettered, snoozed, interrupted atomic.Int64
	released, skipped, lost, pollers                                      atomic.Int64
	polled                                                                atomic.Int64 // Unix nanoseconds
	ended                                                                 atomic.Bool
	failing                                                               atomic.Pointer[failing] // nil: receives succeed

	mu       sync.Mutex
	requests map[string]int64
}

func (s *stats) request(action string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.requests == nil {
		s.requests = make(map[string]int64)
	}
	s.requests[action]++
}

// count counts the end of a handler.
func (s *stats) count(o Outcome) {
	switch o {
	case Done:
		s.done.Add(1)
	case Failed:
		s.failed.Add(1)
	case Discarded:
		s.discarded.Add(1)
	case DeadLettered:
		s.deadLettered.Add(1)
	case Snoozed:
		s.snoozed.Add(1)
	case Released:
		s.interrupted.Add(1)
	}
}

// Stats returns what the worker does now, and has done. It is zero before Run.
func (w *Worker) Stats() Stats {
	r := w.run.Load()
	if r == nil {
		return Stats{}
	}
	s := &r.stats
	all := Stats{
		FIFO:   r.queue.fifo,
		Leases: r.leases.count(), Undeleted: r.settler.deletes.left(), Pollers: int(s.pollers.Load()),
		Received: s.received.Load(), Done: s.done.Load(), Failed: s.failed.Load(),
		Discarded: s.discarded.Load(), DeadLettered: s.deadLettered.Load(), Snoozed: s.snoozed.Load(),
		Interrupted: s.interrupted.Load(), Released: s.released.Load(), Skipped: s.skipped.Load(),
		LostLeases: s.lost.Load(),
	}
	if n := s.polled.Load(); n != 0 {
		all.LastPoll = time.Unix(0, n)
	}
	all.Running, all.Waiting = r.atHand()
	s.mu.Lock()
	defer s.mu.Unlock()
	all.Requests = maps.Clone(s.requests)
	return all
}

// atHand counts the messages that run, and those that wait.
func (r *run) atHand() (running, waiting int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for first := range r.chains {
		for c := first; c != nil; c = c.behind {
			if c.running != nil {
				running++
			}
			waiting += len(c.waiting)
		}
	}
	return running, waiting
}
