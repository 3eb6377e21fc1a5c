package worker

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// BreakerState is what a Breaker does at present.
type BreakerState string

const (
	// BreakerClosed: everything is let through.
	BreakerClosed BreakerState = "closed"
	// BreakerOpen: nothing is let through.
	BreakerOpen BreakerState = "open"
	// BreakerHalfOpen: one message at a time is let through.
	BreakerHalfOpen BreakerState = "half-open"
)

// Breaker is a gate that stops receiving when handlers fail too often, say
// because a database is down. The messages stay in the queue meanwhile, rather
// than fail one by one and end in the dead-letter queue.
//
//	closed ------ Failures of the last Window results failed --> open
//	open -------- CoolDown is over, and a receive wants to go -> half-open
//	half-open --- its message is handled ----------------------> closed
//	half-open --- its message fails ---------------------------> open, twice as long
//
// When it is half-open it lets one message through at a time. If that comes to
// nothing, because the queue is empty, the message goes back unhandled or its
// error is none that counts, the next may go.
//
// Polls and handlers under way when the breaker opens go on. Their results are
// counted neither then nor later: only messages asked for after CoolDown say
// anything about how things are by then. As long as such are under way, it is not
// always known whose return it is when nothing came of a message let through; the
// next goes after another CoolDown then.
//
// A message let through to try has had an attempt if it fails, so of a long outage a
// few may end in the dead-letter queue all the same.
//
// A Breaker is made by [NewBreaker]. Workers can share it if they do the same.
type Breaker struct {
	opts    BreakerOptions
	mistake error
	number  int64 // of all breakers, from 1

	// turn is full while a Take waits, first in line. The others wait to fill it, and the
	// runtime lets them in the order in which they came.
	turn chan struct{}

	mu       sync.Mutex
	state    BreakerState
	moved    chan struct{} // closed, and made anew, when a Take that waits should look again
	results  resultRing    // closed: the last ones
	until    time.Time     // open: when it may become half-open
	coolDown time.Duration // the last one
	out      int           // messages granted that are neither done nor returned
	probing  bool          // half-open: the one message is under way
	again    time.Time     // when another may go although it is; zero: not before it ends
	line     int           // Takes that wait, the first in line too
	since    time.Time     // when the last one was let through; what was asked for before says nothing
	untold   []stateChange
	telling  bool
}

// stateChange is what OnChange is told.
type stateChange struct {
	state BreakerState
	err   error
}

// breakers counts those made.
var breakers atomic.Int64

// NewBreaker makes a closed breaker.
func NewBreaker(opts ...func(*BreakerOptions)) *Breaker {
	b := &Breaker{opts: newBreakerOptions(opts), state: BreakerClosed, moved: make(chan struct{}), turn: make(chan struct{}, 1), number: breakers.Add(1)}
	if b.mistake = b.opts.validate(); b.mistake == nil {
		b.results.failed = make([]bool, b.opts.Window)
	}
	return b
}

func (b *Breaker) validate() error {
	if b == nil || b.turn == nil {
		return errors.New("a Breaker is made by NewBreaker")
	}
	return b.mistake
}

// State returns what b does at present. An open breaker stays open until a worker
// wants to receive after the cool-down.
func (b *Breaker) State() BreakerState {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

// Take implements [Gate].
func (b *Breaker) Take(ctx context.Context, n int) (int, error) {
	if b.mistake != nil {
		return badGate{}.Take(ctx, n)
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if granted := b.atOnce(n); granted > 0 {
		return granted, nil
	}
	defer b.leave()
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
	}
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		granted, moved, d := b.grant(n, time.Now())
		b.tell()
		if granted > 0 {
			return granted, nil
		}
		await(ctx, moved, d)
	}
}

// atOnce returns how many messages may go without waiting. If it is none, the caller is
// in line from now on: whoever gives back what was let through to try does not get it
// again before others.
func (b *Breaker) atOnce(n int) (granted int) {
	defer b.tell()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.line == 0 || b.state == BreakerClosed {
		granted, _, _ = b.grantLocked(n, time.Now())
	}
	if granted == 0 {
		b.line++
	}
	return granted
}

// leave leaves the line.
func (b *Breaker) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.line--
}

// grant returns how many messages may go. If it is none, it returns what to wait
// for: the channel, or, unless it is 0, the end of d.
func (b *Breaker) grant(want int, now time.Time) (n int, moved <-chan struct{}, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.grantLocked(want, now)
}

func (b *Breaker) grantLocked(want int, now time.Time) (n int, moved <-chan struct{}, d time.Duration) {
	switch {
	case b.state == BreakerClosed:
		b.out += want
		return want, nil, 0
	case b.state == BreakerOpen && now.Before(b.until):
		return 0, b.moved, b.until.Sub(now)
	case b.state == BreakerOpen:
		b.become(BreakerHalfOpen, nil)
	case b.probing && b.again.IsZero():
		return 0, b.moved, 0
	case b.probing && now.Before(b.again):
		return 0, b.moved, b.again.Sub(now)
	}
	b.out++
	b.probing, b.again, b.since = true, time.Time{}, now
	return 1, nil, 0
}

// Return implements [Gate].
func (b *Breaker) Return(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.out -= n
	b.fruitless()
}

// Done implements [Gate].
func (b *Breaker) Done(m *Message, err error) {
	failed := err != nil && b.failure(m, err)
	b.mu.Lock()
	b.out--
	b.count(m, err, failed)
	b.mu.Unlock()
	b.tell()
}

// failure calls the user's function.
func (b *Breaker) failure(m *Message, err error) (failed bool) {
	defer func() {
		if recover() != nil {
			failed = true
		}
	}()
	return b.opts.Failure(m, err)
}
