package worker

import (
	"context"
	"errors"
	"time"
)

// Causes (context.Cause) with which a handler's context is cancelled. In each case
// the worker lets the handler run to its end, and what it returns still counts,
// as far as it can.
var (
	// ErrDraining: a drain has waited Options.DrainTimeout. A handler that then
	// returns the context's error has its message released, to be handled
	// elsewhere at once. It is also the Err of the events about messages that a
	// drain gives back.
	ErrDraining = errors.New("worker: draining")
	// ErrLeaseLost: the message's visibility timeout ran out, because SQS would not
	// extend it, or could not be reached for so long. Another worker may be handling
	// the message by now.
	ErrLeaseLost = errors.New("worker: the message's visibility timeout ran out while it was handled")
	// ErrMaxLease: the handler has held the message for Options.MaxLease, or for as
	// long as SQS allows, 12 hours since it was received. Its visibility timeout is
	// not extended any more, and is about to end.
	ErrMaxLease = errors.New("worker: the message was held for as long as allowed")
)

// maxInvisible is how long SQS keeps a message invisible after a receive.
const maxInvisible = 12 * time.Hour

// DefaultMaxLease is Options.MaxLease unless set otherwise: as long as SQS allows,
// less a minute.
const DefaultMaxLease = maxInvisible - time.Minute

// leaseState is where a message is, as far as its visibility timeout goes:
//
//	       due          under way
//	held ------> queued ---------> flying ---- taken, or to be tried again ---> held
//	   \            \                 |   \--- refused, or out of time -------> lost
//	    \            \                \-- ended meanwhile: settled only now --> over
//	     \------------\-- handled, or given back: settled at once ------------> over
//
// What is over is never extended again. What is lost may be with another worker.
type leaseState uint8

const (
	held leaseState = iota
	queued
	flying
	ending // flying, and to be settled when that is answered
	lost
	over
)

// lease is a message's visibility timeout. Its fields are guarded by leases.mu
// until it is over; then it does not change any more.
type lease struct {
	state    leaseState
	warned   bool      // its handler was told that the limit is reached
	buffered bool      // it waits for a permit, and may go back if that takes long
	place    int32     // in leases.heap, from 1; 0: not in it
	tries    int32     // extensions in a row that failed
	next     time.Time // when leases is to look at it

	// When the message becomes visible again is known within limits, because it became
	// invisible, the last time, between a request and its reply.
	polled  time.Time // before the request that received it
	lasts   time.Time // invisible until then at least
	expires time.Time // visible by then, unless deleted

	// limit is when its handler is cancelled. Until it has started, that is what
	// SQS allows.
	limit time.Time

	began  time.Time     // when its handler was started; zero: it was not
	least  time.Duration // how long from then on it is invisible anyway
	cancel context.CancelCauseFunc
}

// newLease is that of messages that came at received in reply to a request made at
// polled.
func newLease(polled, received time.Time, visibility time.Duration) (l lease) {
	l.begin(polled, received, visibility)
	l.limitLease(0, visibility)
	l.schedule(visibility)
	return l
}

// begin sets when l begins and ends, for a message that came at received in reply
// to a request made at polled. It became invisible in between: right after the
// request, or at the end of a long poll, which may be longer than the visibility
// timeout. What is assumed is that the reply took no longer than a quarter of that,
// and no more than 5 s, to arrive. If it took longer, the lease is extended in time
// nevertheless, up to half of the visibility timeout.
func (l *lease) begin(polled, received time.Time, visibility time.Duration) {
	l.polled = polled
	since := received.Add(-min(visibility/4, 5*time.Second))
	if since.Before(polled) {
		since = polled
	}
	l.lasts, l.expires = since.Add(visibility), received.Add(visibility)
}

// grace is how long before the end of a lease its handler is told.
func grace(visibility time.Duration) time.Duration {
	return min(max(visibility/10, time.Second), 30*time.Second, visibility/2)
}

// limitLease sets l.limit for a handler that may hold the message for d, though
// never less than it is invisible anyway.
func (l *lease) limitLease(d, visibility time.Duration) {
	most := l.polled.Add(DefaultMaxLease)
	if first := l.polled.Add(visibility - grace(visibility)); first.After(most) {
		most = first // no extension is possible
	}
	l.limit = most
	if l.began.IsZero() {
		return
	}
	if limit := l.began.Add(max(d, l.least)); limit.Before(most) {
		l.limit = limit
	}
}

// extendable reports whether more time would be of use.
func (l *lease) extendable(visibility time.Duration) bool {
	return l.state == held && l.lasts.Before(l.limit.Add(grace(visibility)))
}

// schedule sets l.next: the next extension or try of one, the limit of the
// handler, or the end.
func (l *lease) schedule(visibility time.Duration) {
	l.next = l.lasts
	if l.extendable(visibility) {
		l.next = l.lasts.Add(-visibility / 2)
		if l.tries > 0 {
			l.next = l.retry(time.Now())
		}
	}
	if !l.warned && !l.began.IsZero() && l.limit.Before(l.next) {
		l.next = l.limit
	}
	if l.next.After(l.lasts) {
		l.next = l.lasts
	}
}

// retry returns when an extension that has failed is tried again: after a backoff, but
// several times before the end. Times are on a grid, so that what has failed together
// is tried again together.
func (l *lease) retry(now time.Time) time.Time {
	left := l.lasts.Sub(now)
	step := min(max(left/16, grid), 5*grid)
	next := now.Add(min(backoff(int(l.tries)), max(left/4, step)))
	return upTo(next, step)
}
