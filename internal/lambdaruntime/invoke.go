package lambdaruntime

import (
	"context"
	"errors"
	"time"
)

// errLate is what Invoke returns when nobody has taken the event.
var errLate = errors.New("no process took the event in time, and none takes it any more")

// invocation is one event, and what became of it.
type invocation struct {
	id    string
	event []byte
	taken chan *process // by whom; nil: by a process that was gone, once more
	done  chan outcome
}

type outcome struct {
	response []byte
	err      error
}

// Invoke hands the function an event and returns its response. If the process has gone since
// the slot was acquired, the next one gets the event; if that cannot start, or does not take
// the event before the time given, it is an error. The process is killed if it takes longer
// than Options.Timeout, or when ctx ends.
func (s *Slot) Invoke(ctx context.Context, requestID string, event []byte, before time.Time) ([]byte, error) {
	s.mend() // what went wrong so far says nothing of this event
	late := time.NewTimer(time.Until(before))
	defer late.Stop()
	inv := &invocation{id: requestID, event: event, taken: make(chan *process, 1), done: make(chan outcome, 1)}
	for time.Now().Before(before) {
		select {
		case s.events <- inv:
		case err := <-s.down:
			return nil, err
		case <-late.C:
			return nil, errLate
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-s.pool.ctx.Done():
			return nil, ErrClosed
		}
		if p := <-inv.taken; p != nil {
			return s.watch(ctx, p, inv)
		}
	}
	return nil, errLate
}

// watch waits for what becomes of an invocation that a process has taken.
func (s *Slot) watch(ctx context.Context, p *process, inv *invocation) ([]byte, error) {
	limit := time.NewTimer(s.pool.o.Timeout)
	defer limit.Stop()
	var reason error
	select {
	case o := <-inv.done:
		return o.response, o.err
	case <-limit.C:
		reason = timedOut(s.pool.o.Timeout)
	case <-p.exited:
	case <-ctx.Done():
		reason = context.Cause(ctx)
	}
	if !p.abandon(inv) { // it was answered at the last moment
		o := <-inv.done
		return o.response, o.err
	}
	p.kill(reason)
	<-p.exited // so that it does nothing any more when the messages come again
	if s.pool.ctx.Err() != nil {
		return nil, ErrClosed
	}
	return nil, p.why("exited")
}
