package producer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// Options are what New's functions may change. They are handed over filled with the
// defaults.
type Options struct {
	// Middleware takes part in sending each message. The first comes first.
	Middleware []Middleware

	// Linger is how long a message may wait for others to share its request with, if
	// fewer than ten are waiting. Default: 0, which waits for nothing but requests under
	// way.
	Linger time.Duration

	// Concurrency is how many requests may be under way at once. Default, and meaning
	// of 0: DefaultConcurrency.
	Concurrency int

	// Tries is how many requests may carry a message until it is stored, if they fail for
	// reasons that may pass; with 1 nothing is tried again. Default, and meaning of 0:
	// DefaultTries.
	Tries int

	// MaxPending is how many messages the producer has at once, waiting or under way,
	// and MaxPendingBytes how large their bodies and attributes may be together; a
	// message that is larger alone goes alone. Calls that bring more wait for room, in
	// their order. Default, and meaning of 0: DefaultMaxPending, DefaultMaxPendingBytes.
	MaxPending      int
	MaxPendingBytes int64

	// Hook, if not nil, is told of every request to SQS; logs, metrics and
	// traces are made from it. Several goroutines may call it at once, and the
	// messages of its request wait for it, so it should be quick, and not send through this
	// producer, which may have no room until it returns. ctx carries no
	// values: a request may serve many callers. A panic in it is not recovered.
	Hook func(ctx context.Context, e Event)
}

// Defaults of Options.
const (
	DefaultConcurrency     = 16
	DefaultTries           = 6
	DefaultMaxPending      = 1000
	DefaultMaxPendingBytes = 64 << 20
)

func newOptions(opts []func(*Options)) (o Options, err error) {
	o = Options{
		Concurrency: DefaultConcurrency, Tries: DefaultTries,
		MaxPending: DefaultMaxPending, MaxPendingBytes: DefaultMaxPendingBytes,
	}
	for _, f := range opts {
		if f == nil {
			return o, errors.New("an option is nil")
		}
		f(&o)
	}
	o.Concurrency = cmp.Or(o.Concurrency, DefaultConcurrency)
	o.Tries = cmp.Or(o.Tries, DefaultTries)
	o.MaxPending = cmp.Or(o.MaxPending, DefaultMaxPending)
	o.MaxPendingBytes = cmp.Or(o.MaxPendingBytes, DefaultMaxPendingBytes)
	return o, o.check()
}

// check reports everything that is wrong with o at once.
func (o *Options) check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if o.Linger < 0 {
		bad("Options.Linger is %v, want 0 or more", o.Linger)
	}
	if o.Concurrency < 1 {
		bad("Options.Concurrency is %d, want 1 or more", o.Concurrency)
	}
	if o.Tries < 1 {
		bad("Options.Tries is %d, want 1 or more", o.Tries)
	}
	if o.MaxPending < 1 {
		bad("Options.MaxPending is %d, want 1 or more", o.MaxPending)
	}
	if o.MaxPendingBytes < 1 {
		bad("Options.MaxPendingBytes is %d, want 1 or more", o.MaxPendingBytes)
	}
	for i, f := range o.Middleware {
		if f == nil {
			bad("Options.Middleware[%d] is nil", i)
		}
	}
	return errors.Join(errs...)
}
