package worker

import (
	"fmt"
	"time"
)

// DrainReport says what a drain has done.
type DrainReport struct {
	Done     int // handled to an end during the drain: deleted
	Failed   int // handled, and to come again later, for having failed or by Snooze
	Released int // given back: not begun, or interrupted by ErrDraining and returned
	// Abandoned counts the handlers that had not returned when the drain ended.
	// Their messages were given back while they still ran.
	Abandoned int
	// Undeleted counts the messages that are done but whose deletes SQS did not
	// take during the drain. They will be handled a second time.
	Undeleted int
}

// count counts a handler that has returned during the drain.
func (d *DrainReport) count(o outcome) {
	switch {
	case o.finished():
		d.Done++
	case o.kind == Released:
		d.Released++
	default:
		d.Failed++
	}
}

// DrainError says that a drain was not clean. Nothing is lost: SQS delivers the
// messages concerned again.
type DrainError DrainReport

func (e *DrainError) Error() string {
	return fmt.Sprintf("worker: drain: %d handlers abandoned and %d deletes not made (%d messages done, %d failed, %d released)",
		e.Abandoned, e.Undeleted, e.Done, e.Failed, e.Released)
}

// drain is what Run promises. unstarted came with the last polls, which ended
// because of why. It returns nil or a *DrainError.
func (r *run) drain(unstarted []*Message, why error) error {
	r.halt(nil)
	r.event(r.values, Event{Kind: EventDraining, Err: why})
	undeleted := r.settler.undeleted.Load()

	r.releaseWaiting(unstarted)
	if !r.quiet(r.opts.DrainTimeout) {
		r.leases.interrupt(r.running(), ErrDraining)
		if !r.quiet(r.opts.CancelTimeout) {
			r.abort()
			r.abandon()
			<-r.idle // handlers that have returned are settled, and the hook hears of them
		}
	}
	r.dismiss()
	flush := time.Now().Add(r.opts.FlushTimeout)
	r.leases.close(min(lastTimeout, r.opts.FlushTimeout/2))
	r.settler.close(time.Until(flush))

	r.mu.Lock()
	r.counts.Undeleted = int(r.settler.undeleted.Load() - undeleted)
	report := r.counts
	r.mu.Unlock()
	e := DrainError(report)
	if report.Abandoned == 0 && report.Undeleted == 0 {
		r.event(r.values, Event{Kind: EventStopped, Drained: report})
		return nil
	}
	r.event(r.values, Event{Kind: EventStopped, Drained: report, Err: &e})
	return &e
}

// releaseWaiting gives back what has not begun: unstarted, and what waits in
// chains. From now on r is draining.
func (r *run) releaseWaiting(unstarted []*Message) {
	waiting := [][]*Message{r.notDone(unstarted)}
	r.mu.Lock()
	r.draining, r.idle = true, make(chan struct{})
	for first := range r.chains {
		if first.hold != nil {
			close(first.hold.ended)
		}
		waiting = append(waiting, r.takeAllLocked(first))
	}
	for _, c := range r.buffer.waiting { // no goroutine will end them
		r.endUnstartedLocked(c)
	}
	for _, parked := range []map[*chain]struct{}{r.parked, r.stuck} {
		for c := range parked {
			r.endUnstartedLocked(c)
		}
		clear(parked)
	}
	r.buffer.waiting = nil
	for _, ms := range waiting {
		r.counts.Released += len(ms)
	}
	r.tellIdleLocked()
	r.mu.Unlock()
	for _, ms := range waiting {
		r.giveBack(ms, ErrDraining)
	}
}

// endUnstartedLocked ends c and what is behind it. run.mu must be held.
func (r *run) endUnstartedLocked(c *chain) {
	for c != nil {
		next := c.behind
		r.removeLocked(c)
		if c.permit {
			r.member.release(1)
		}
		c = next
	}
}

// notDone takes charge of ms, which no poll's grant covers any more, and returns
// those that are not known to be done. The others are deleted.
func (r *run) notDone(ms []*Message) (rest []*Message) {
	r.leases.add(ms)
	for _, m := range ms {
		if r.settler.memory.has(m.ID) {
			r.forgo(m)
		} else {
			rest = append(rest, m)
		}
	}
	return rest
}

// quiet waits up to d for the last chain to end.
func (r *run) quiet(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-r.idle:
		return true
	case <-t.C:
		return false
	}
}

// running returns the messages that are being handled.
func (r *run) running() (ms []*Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.chains {
		if c.running != nil {
			ms = append(ms, c.running)
		}
	}
	return ms
}

// abandoned reports whether a drain has given the running message of c back.
func (r *run) abandoned(c *chain) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return c.running == nil
}

// abandon gives the messages of running handlers back. What these handlers
// return later has no effect, because conclude and finish find nothing running.
func (r *run) abandon() {
	r.mu.Lock()
	var ms []*Message
	for c := range r.chains {
		if c.running != nil {
			ms = append(ms, c.running)
			c.running = nil
			for ; c != nil; c = c.behind { // nothing waits in them any more
				r.removeLocked(c)
			}
		}
	}
	r.counts.Abandoned = len(ms)
	r.mu.Unlock()
	for _, m := range ms {
		r.event(r.values, Event{Kind: EventAbandoned, Message: m.stub(), Err: ErrDraining})
		r.gates.forgo(m)
		m.outcome = outcome{kind: Released, left: true}
		if r.leases.end(m) {
			r.settled(m)
		}
	}
}
