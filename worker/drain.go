package worker

import (
	"fmt"
	"time"
)

// DrainError says that a drain was not clean. Nothing is lost: SQS delivers the
// messages concerned again.
type DrainError struct {
	Done     int // handled to an end during the drain
	Released int // given back: not begun, or interrupted by ErrDraining and returned
	// Abandoned counts the handlers that had not returned when the drain ended.
	// Their messages were given back while they still ran.
	Abandoned int
	// Undeleted counts the messages that are done but whose deletes SQS did not
	// take during the drain. They will be handled a second time.
	Undeleted int
}

func (e *DrainError) Error() string {
	return fmt.Sprintf("worker: drain: %d handlers abandoned and %d deletes not made (%d messages done, %d released)",
		e.Abandoned, e.Undeleted, e.Done, e.Released)
}

// drain is steps 2 to 6 of what Run promises. unstarted came with the last
// poll, which ended because of why. It returns nil or a *DrainError.
func (r *run) drain(unstarted []*Message, why error) error {
	r.halt(nil) // also what chains ask for
	r.event(r.values, Event{Kind: EventDraining, Err: why})
	undeleted := r.settler.undeleted.Load()

	r.releaseWaiting(r.notDone(unstarted))
	if !r.quiet(r.opts.DrainTimeout) {
		r.cancel(ErrDraining)
		if !r.quiet(cancelTimeout) {
			r.abandon()
			<-r.idle // handlers that have returned are settled, and the hook hears of them
		}
	}
	r.settler.close(flushTimeout)

	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts.Undeleted = int(r.settler.undeleted.Load() - undeleted)
	if r.counts.Abandoned == 0 && r.counts.Undeleted == 0 {
		return nil
	}
	e := r.counts
	return &e
}

// releaseWaiting gives back what has not begun: unstarted, and what waits in
// chains. From now on r is draining.
func (r *run) releaseWaiting(unstarted []*Message) {
	r.mu.Lock()
	r.draining, r.idle = true, make(chan struct{})
	r.counts.Released = len(unstarted)
	waiting := [][]*Message{unstarted}
	for c := range r.chains {
		ms := c.take()
		r.counts.Released += len(ms)
		waiting = append(waiting, ms)
	}
	if len(r.chains) == 0 {
		close(r.idle)
	}
	r.mu.Unlock()
	for _, ms := range waiting {
		r.giveBack(ms, ErrDraining)
	}
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

// abandon gives the messages of running handlers back. What these handlers
// return later has no effect, because finish finds nothing running.
func (r *run) abandon() {
	r.mu.Lock()
	var ms []*Message
	for c := range r.chains {
		if c.running != nil {
			ms = append(ms, c.running)
			c.running = nil
			delete(r.chains, c)
		}
	}
	r.counts.Abandoned = len(ms)
	if len(ms) > 0 && len(r.chains) == 0 {
		close(r.idle)
	}
	r.mu.Unlock()
	now := time.Now()
	for _, m := range ms {
		r.event(r.values, Event{Kind: EventAbandoned, Message: m, Err: ErrDraining})
		r.settler.changes.add(newChange(m, now))
	}
}
