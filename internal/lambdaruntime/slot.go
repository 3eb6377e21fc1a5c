package lambdaruntime

import (
	"context"
	"slices"
	"time"
)

// Slot is a place for one process. Who has acquired it invokes the function, and releases it.
type Slot struct {
	pool   *Pool
	events chan *invocation // taken by the process that asks for the next one
	down   chan error       // why there is no process, for an Invoke that waits for one; has room for one

	process  *process // nil: none. It and the others are guarded by Pool.mu
	starting bool     // there is no process that has asked for an event
	nexts    int      // of the process, that wait for an event
	reserved bool     // by an Acquire
}

// Pauses before a process is started again that could not start.
const (
	firstPause = 250 * time.Millisecond
	maxPause   = 30 * time.Second
)

// run keeps a process in the slot, until ctx ends.
func (s *Slot) run(ctx context.Context) {
	pause := firstPause
	for {
		err := s.host(ctx)
		if ctx.Err() != nil {
			return
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

// host runs one process, from its start to its end. An error says why it took no event.
func (s *Slot) host(ctx context.Context) error {
	p, err := start(s)
	if err != nil {
		return err
	}
	defer s.leave(p)
	defer p.end()
	limit := time.NewTimer(s.pool.o.InitTimeout)
	defer limit.Stop()
	select {
	case <-p.ready:
	case <-p.exited:
	case err := <-p.initError:
		p.lastWords()
		return err
	case <-limit.C:
		if !p.isReady() {
			return &FunctionError{typeTimeout, "the process did not ask for an event within " + s.pool.o.InitTimeout.String() + " of its start"}
		}
	case <-ctx.Done():
	}
	select {
	case <-p.exited:
	case <-ctx.Done():
		p.terminate(s.pool.graceful())
	}
	useful, told := p.last()
	if !useful && p.isReady() {
		return p.why("exited while it waited for its first event")
	}
	if !useful {
		return p.why("exited before it asked for an event")
	}
	if !told && ctx.Err() == nil {
		s.pool.o.OnDown(p.why("exited between events"))
	}
	return nil
}

// enter notes that the process is that of the slot, before it can ask for an event.
func (s *Slot) enter(p *process) {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	s.process = p
}

// leave notes that the process is gone.
func (s *Slot) leave(p *process) {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	s.process, s.starting, s.nexts = nil, true, 0
	s.withdraw()
}

// await notes that a next of the process waits for an event. One that comes to it when the
// process is gone counts for nothing: the slot may have another one.
func (s *Slot) await(p *process) {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	if s.process != p {
		return
	}
	s.starting = false
	if s.nexts++; s.nexts == 1 {
		s.offer()
	}
}

// unawait notes that it does so no longer.
func (s *Slot) unawait(p *process) {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	if s.process != p {
		return
	}
	if s.nexts--; s.nexts == 0 {
		s.withdraw()
	}
}

// offer gives the slot, if its process waits and nobody has reserved it, to the Acquire that
// waits longest, or puts it where the next one finds it.
func (s *Slot) offer() {
	p := s.pool
	switch {
	case s.nexts == 0 || s.reserved:
	case len(p.waiting) > 0:
		s.reserved = true
		p.waiting[0] <- s // has room
		p.waiting = slices.Delete(p.waiting, 0, 1)
	default:
		p.free = append(p.free, s)
	}
}

// withdraw undoes an offer that nobody has taken.
func (s *Slot) withdraw() {
	if i := slices.Index(s.pool.free, s); i >= 0 {
		s.pool.free = slices.Delete(s.pool.free, i, i+1)
	}
}

// Release gives the slot back.
func (s *Slot) Release() {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	s.giveBack()
}

func (s *Slot) giveBack() {
	if s.reserved {
		s.reserved = false
		s.offer()
	}
}
