package worker

import (
	"context"
	"slices"
	"time"
)

// A hearing is told the end of an entry: with what came of it, and when.
type hearing func(e *entry, err error, now time.Time)

// alive returns es without the changes to messages that may not be invisible any
// more, which it gives up. A receipt handle must not be used to change visibility
// then: the message may have been delivered again, and on a standard queue an outdated
// handle would take it away from whoever handles it now.
func (s *settler) alive(es []entry) []entry {
	now := time.Now()
	return slices.DeleteFunc(es, func(e entry) bool {
		why := s.lapsed(&e, now)
		if why != nil {
			gone := e
			s.changed(&gone, why, now)
		}
		return why != nil
	})
}

// lapsed says why the change e must not be asked for; nil for what may be, and for deletes.
func (s *settler) lapsed(e *entry, now time.Time) error {
	switch {
	case e.at.IsZero():
	case !now.Before(e.expires):
		return errLapsed
	case e.doubt && !s.run.queue.fifo && !now.Add(time.Second).Before(e.at): // it takes a moment to arrive
		return errDoubt
	}
	return nil
}

// send makes one request, and tells ended of each entry that is taken, refused
// for good, or was tried often enough. The others it returns, to be sent again
// when they are due. When the settler is being closed, time is the only bound.
//
// A request that is refused as a whole for what is in it is divided, so that no
// entry fails for another's fault.
func (s *settler) send(es []entry, request func(context.Context, []entry) (reply, error), ended hearing) (again []entry) {
	if s.ctx.Err() != nil {
		s.giveUp(es, ended)
		return nil
	}
	if es = s.alive(es); len(es) == 0 {
		return nil
	}
	ctx, cancel := s.requestContext()
	answer, err := request(ctx, es)
	cancel()
	if half := len(es) / 2; half > 0 && wrong(err) {
		again = s.send(es[:half], request, ended)
		return append(again, s.send(es[half:], request, ended)...)
	}
	var pause time.Duration
	now := time.Now()
	for i, err := range answer.errors(len(es), err) {
		e := &es[i]
		e.tries, e.err = e.tries+1, err
		e.doubt = e.doubt || err != nil && !answered(err)
		if err == nil || !passing(err) || e.tries >= settleTries && !s.closing.Load() {
			ended(e, err, now)
			continue
		}
		if len(again) == 0 || e.tries != again[len(again)-1].tries {
			pause = backoff(e.tries)
		}
		e.due = now.Add(pause)
		again = append(again, *e)
	}
	if s.ctx.Err() != nil {
		s.giveUp(again, ended)
		return nil
	}
	return again
}

func (s *settler) requestContext() (context.Context, context.CancelFunc) {
	if s.closing.Load() {
		return context.WithTimeout(s.ctx, lastTimeout)
	}
	return context.WithTimeout(s.patient, settleTimeout)
}

// giveUp ends entries for which there is no time left.
func (s *settler) giveUp(es []entry, ended hearing) {
	now := time.Now()
	for i := range es {
		e := &es[i]
		if e.err == nil {
			e.err = errLate
		}
		ended(e, e.err, now)
	}
}
