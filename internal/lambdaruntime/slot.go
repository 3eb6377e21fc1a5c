package lambdaruntime

import (
	"context"
	"sync"
	"time"
)

// Slot is a place for one process. Who has acquired it invokes the function, and releases it.
type Slot struct {
	pool   *Pool
	events chan *invocation // taken by the process that asks for the next one
	down   chan error       // why there is no process, for an Invoke that waits for one; has room for one

	mu       sync.Mutex
	waiting  *process // that asks for an event; nil: none
	reserved bool
	queued   bool // in Pool.ready
}

// Pauses before a process is started again that could not start.
const (
	firstPause = 250 * time.Millisecond
	maxPause   = 30 * time.Second
)

// run keeps a process in the slot, until ctx ends.
func (s *Slot) run(ctx context.Context) {
	pause := firstPause
	for starting := true; ; starting = true {
		err := s.process(ctx, func() {
			starting = false
			s.pool.addStarting(-1)
		})
		if ctx.Err() != nil {
			return
		}
		if !starting {
			s.pool.addStarting(1)
		}
		if err == nil {
			pause = firstPause
			continue
		}
		s.pool.o.OnDown(err)
		s.mend()
		s.down <- err
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		pause = min(2*pause, maxPause)
	}
}

// mend forgets why there was no process. A process that is ready does so before the slot is
// offered: what is invoked next must not meet an error of the past.
func (s *Slot) mend() {
	select {
	case <-s.down:
	default:
	}
}

// process runs one process, from its start to its end. An error says why it took no event.
func (s *Slot) process(ctx context.Context, isReady func()) error {
	p, err := start(s)
	if err != nil {
		return err
	}
	defer p.end()
	limit := time.NewTimer(s.pool.o.InitTimeout)
	defer limit.Stop()
	select {
	case <-p.ready:
		isReady()
	case <-p.exited:
		return p.why("exited before it asked for an event")
	case err := <-p.initError:
		p.lastWords()
		return err
	case <-limit.C:
		return &FunctionError{typeTimeout, "the process did not ask for an event within " + s.pool.o.InitTimeout.String() + " of its start"}
	case <-ctx.Done():
		p.terminate(s.pool.graceful())
		return nil
	}
	select {
	case <-p.exited:
	case <-ctx.Done():
		p.terminate(s.pool.graceful())
	}
	useful, told := p.last()
	if !useful {
		return p.why("exited while it waited for its first event")
	}
	if !told && ctx.Err() == nil {
		s.pool.o.OnDown(p.why("exited between events"))
	}
	return nil
}

// offer puts the slot where Acquire finds it, if it is free and its process waits.
func (s *Slot) offer() {
	if s.waiting != nil && !s.reserved && !s.queued {
		s.queued = true
		s.pool.ready <- s // has room for all
	}
}

// await notes that the process waits for an event.
func (s *Slot) await(p *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.waits++
	s.waiting = p
	s.offer()
}

// leave notes that it does so no longer.
func (s *Slot) leave(p *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.waits--; p.waits == 0 && s.waiting == p {
		s.waiting = nil
	}
}

// reserve takes the slot, which was queued, unless its process has gone meanwhile.
func (s *Slot) reserve() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queued = false
	s.reserved = s.waiting != nil
	return s.reserved
}

// Release gives the slot back.
func (s *Slot) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reserved = false
	s.offer()
}
