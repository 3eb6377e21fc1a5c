package worker

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// BreakerOptions are what NewBreaker's functions may change. They are handed
// over filled with the defaults.
type BreakerOptions struct {
	// The breaker opens when Failures of the last Window results were failures.
	// With both the same, it opens after so many failures in a row. Defaults,
	// and meaning of 0: 20 of 40.
	Failures, Window int

	// CoolDown is how long the breaker stays open at first; each time that the
	// message let through then fails, it stays open twice as long as before, up
	// to MaxCoolDown, or CoolDown if that is longer. Defaults, and meaning of 0:
	// 5 s and 5 min.
	CoolDown, MaxCoolDown time.Duration

	// Failure reports whether err, which a handler has returned for m, is a
	// failure to the breaker. If not, it counts for nothing: it is no success
	// either. The default, and meaning of nil, is to take any error for one,
	// [RetryAfter], time-outs and panics included, except for those that tell
	// nothing of how handlers fare at present:
	//
	//   - [Discard], [DeadLetter] and a *[DecodeError]: the message is at fault;
	//   - [Snooze]: it is not time for the message yet;
	//   - context.Canceled and [ErrDraining]: the handler was interrupted.
	//
	// A panic in Failure is a failure.
	Failure func(m *Message, err error) bool

	// OnChange, if not nil, is told of every new state, and of the failure that
	// has opened the breaker. Its calls come one after another, in order, from
	// the goroutines of the worker, so it should be quick. A panic in it is not
	// recovered.
	OnChange func(s BreakerState, err error)
}

// handlerFailure is BreakerOptions.Failure unless set otherwise.
func handlerFailure(_ *Message, err error) bool {
	switch {
	case errors.As(err, new(*discard)), errors.As(err, new(*deadLetter)),
		errors.As(err, new(*DecodeError)), errors.As(err, new(*snooze)),
		errors.Is(err, context.Canceled), errors.Is(err, ErrDraining):
		return false
	}
	return true
}

func newBreakerOptions(opts []func(*BreakerOptions)) BreakerOptions {
	defaults := BreakerOptions{
		Failures: 20, Window: 40,
		CoolDown: 5 * time.Second, MaxCoolDown: 5 * time.Minute,
		Failure: handlerFailure,
	}
	o := defaults
	for _, f := range opts {
		if f != nil {
			f(&o)
		}
	}
	if o.Failures == 0 {
		o.Failures = defaults.Failures
	}
	if o.Window == 0 {
		o.Window = defaults.Window
	}
	if o.CoolDown == 0 {
		o.CoolDown = defaults.CoolDown
	}
	if o.MaxCoolDown == 0 {
		o.MaxCoolDown = defaults.MaxCoolDown
	}
	o.MaxCoolDown = max(o.MaxCoolDown, o.CoolDown)
	if o.Failure == nil {
		o.Failure = defaults.Failure
	}
	return o
}

func (o *BreakerOptions) validate() error {
	switch {
	case o.Failures < 0 || o.Failures > o.Window:
		return fmt.Errorf("NewBreaker: Failures is %d, want 1 to Window, which is %d", o.Failures, o.Window)
	case o.CoolDown < 0:
		return fmt.Errorf("NewBreaker: CoolDown is %v, want more than 0", o.CoolDown)
	}
	return nil
}
