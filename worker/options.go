package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
)

// Options are what New's functions may change. They are handed over filled with
// the defaults, which make a good production worker as they are.
type Options struct {
	// Concurrency is how many handlers may run at once. Default, and meaning
	// of 0: 4 x GOMAXPROCS, at least 10.
	Concurrency int

	// Policy is what every message's Policy starts as.
	Policy Policy

	// DrainTimeout is how long a drain waits for running handlers before it
	// cancels their contexts; see [Worker.Run]. Default, and meaning of 0:
	// DefaultDrainTimeout.
	DrainTimeout time.Duration

	// Hook, if not nil, is told of every request to SQS and of every change in
	// the life of a message; logs, metrics and traces are made from it. It is
	// called by many goroutines at once and they wait for it, so it should be
	// quick. ctx is the handler's for EventHandled; otherwise it only carries
	// the values of Run's context. A panic in it is not recovered.
	Hook func(ctx context.Context, e Event)
}

// DefaultDrainTimeout is Options.DrainTimeout unless set otherwise. With the
// rest of a drain, 5 s for cancelled handlers and 3 s for the last deletes, it
// fits into the 30 s that Kubernetes grants by default.
const DefaultDrainTimeout = 20 * time.Second

const (
	cancelTimeout = 5 * time.Second // for handlers to return once cancelled
	flushTimeout  = 3 * time.Second // for the last deletes and releases
)

func newOptions(opts []func(*Options)) Options {
	o := Options{
		Concurrency:  max(4*runtime.GOMAXPROCS(0), 10),
		Policy:       defaultPolicy,
		DrainTimeout: DefaultDrainTimeout,
	}
	defaults := o
	for _, f := range opts {
		f(&o)
	}
	if o.Concurrency == 0 {
		o.Concurrency = defaults.Concurrency
	}
	if o.DrainTimeout == 0 {
		o.DrainTimeout = defaults.DrainTimeout
	}
	return o
}

// validate reports everything that is wrong with w at once.
func (w *Worker) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("worker: "+format, args...)) }
	if w.client == nil {
		bad("the client is nil")
	}
	if w.queue == "" {
		bad("the queue has no name")
	}
	if f, ok := w.handler.(HandlerFunc); w.handler == nil || ok && f == nil {
		bad("the handler is nil")
	}
	if n := w.opts.Concurrency; n < 0 {
		bad("Options.Concurrency is %d, want 1 or more", n)
	}
	if d := w.opts.DrainTimeout; d < 0 {
		bad("Options.DrainTimeout is %v, want more than 0", d)
	}
	if d := w.opts.Policy.DeleteWithin; d < 0 {
		bad("Options.Policy.DeleteWithin is %v, want 0 or more", d)
	}
	return errors.Join(errs...)
}
