package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"time"

	"github.com/quayside-go/quayside/internal/attr"
)

// Options are what New's functions may change. They are handed over filled with
// the defaults, which make a good production worker as they are.
type Options struct {
	// Concurrency is how many handlers may run at once. Default, and meaning
	// of 0: 4 x GOMAXPROCS, at least 10; with a Pool, as many as the pool has.
	Concurrency int

	// Pool, if not nil, is what the worker's handlers share with those of other
	// workers: each needs a permit of it to run. Weight is the worker's share while
	// there are too few: one with weight 2 gets twice as many as one with weight 1.
	// Default, and meaning of 0: 1.
	Pool   *Pool
	Weight int

	// Prefetch is how many messages the worker may receive ahead of those that can
	// start, so that the next is at hand when a handler ends; it takes no more than
	// were handled lately. It is for handlers that take less time than a request: without
	// it, no more than Concurrency messages are handled in the time of a receive and a
	// handler. PrefetchBytes bounds their bodies and attributes; what a
	// poll may bring counts with the queue's MaximumMessageSize. Messages are leased
	// while they wait. Autoscalers that look at the visible messages alone do not see
	// them. Default: 0, and, for PrefetchBytes, DefaultPrefetchBytes, also for 0.
	//
	// So what a worker has at hand, running, waiting or on its way in replies, is at
	// most Concurrency times MaximumMessageSize and PrefetchBytes. ([PerKey] may have as
	// many again waiting as Concurrency and Prefetch together.)
	Prefetch      int
	PrefetchBytes int64

	// Gates hold polling back: rate limits, breakers and the like.
	Gates []Gate

	// Policy is what every message's Policy starts as.
	Policy Policy

	// MaxLease is how long a handler may hold a message: for so long its visibility
	// timeout is extended. Then the handler's context is cancelled with ErrMaxLease, a
	// little before SQS gives the message to others. With 0 nothing is extended; less than
	// the queue's visibility timeout has the same effect, as the message is invisible for
	// that long anyway.
	// Default: DefaultMaxLease. [Message.LimitLease] sets it for one message.
	MaxLease time.Duration

	// DeadLetterQueue, by name or URL, is where the worker sends what it dead-letters
	// itself; see [DeadLetter]. Default: the one in the queue's redrive policy.
	DeadLetterQueue string

	// DrainTimeout is how long a drain waits for running handlers before it cancels
	// their contexts, CancelTimeout how long it then waits for them to return, and
	// FlushTimeout is for the last deletes and releases; see [Worker.Run]. Defaults,
	// and meanings of 0: DefaultDrainTimeout, DefaultCancelTimeout,
	// DefaultFlushTimeout.
	DrainTimeout, CancelTimeout, FlushTimeout time.Duration

	// Hook, if not nil, is told of every request to SQS and of every change in
	// the life of a message; logs, metrics and traces are made from it. It is
	// called by many goroutines at once and they wait for it, so it should be
	// quick. ctx is the handler's for EventHandled; otherwise it only carries
	// the values of Run's context. A panic in it is not recovered.
	Hook func(ctx context.Context, e Event)
}

// Defaults of Options. The timeouts together fit into the 30 s that Kubernetes
// grants by default.
const (
	DefaultPrefetchBytes = 64 << 20
	DefaultDrainTimeout  = 20 * time.Second
	DefaultCancelTimeout = 5 * time.Second
	DefaultFlushTimeout  = 3 * time.Second
)

func newOptions(opts []func(*Options)) Options {
	o := Options{
		Policy:        defaultPolicy,
		MaxLease:      DefaultMaxLease,
		Weight:        1,
		PrefetchBytes: DefaultPrefetchBytes,
		DrainTimeout:  DefaultDrainTimeout,
		CancelTimeout: DefaultCancelTimeout,
		FlushTimeout:  DefaultFlushTimeout,
	}
	defaults := o
	for _, f := range opts {
		if f != nil { // else Run says so
			f(&o)
		}
	}
	defaults.Concurrency = max(4*runtime.GOMAXPROCS(0), 10)
	if o.Pool != nil {
		defaults.Concurrency = o.Pool.size
	}
	o.Concurrency = cmp.Or(o.Concurrency, defaults.Concurrency)
	o.Weight = cmp.Or(o.Weight, defaults.Weight)
	o.PrefetchBytes = cmp.Or(o.PrefetchBytes, defaults.PrefetchBytes)
	o.DrainTimeout = cmp.Or(o.DrainTimeout, defaults.DrainTimeout)
	o.CancelTimeout = cmp.Or(o.CancelTimeout, defaults.CancelTimeout)
	o.FlushTimeout = cmp.Or(o.FlushTimeout, defaults.FlushTimeout)
	return o
}

// most bounds numbers of messages and handlers: SQS has 120,000 in flight at most.
const most = 1 << 20

// validate reports everything that is wrong with w at once.
func (w *Worker) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("worker: "+format, args...)) }
	if v := reflect.ValueOf(w.client); w.client == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		bad("the client is nil")
	}
	if w.nilOption {
		bad("an option is nil")
	}
	if w.queue == "" {
		bad("the queue has no name")
	}
	if p := w.opts.Pool; p != nil && (p.size < 1 || p.size > most) {
		bad("Options.Pool has %d permits, want 1 to %d", p.size, most)
	} else if n := w.opts.Concurrency; n < 1 || n > most {
		bad("Options.Concurrency is %d, want 1 to %d", n, most)
	}
	if n := w.opts.Weight; n < 1 || n > most {
		bad("Options.Weight is %d, want 1 to %d", n, most)
	}
	if n := w.opts.Prefetch; n < 0 || n > most {
		bad("Options.Prefetch is %d, want 0 to %d", n, most)
	}
	if n := w.opts.PrefetchBytes; n < 1 {
		bad("Options.PrefetchBytes is %d, want 1 or more", n)
	}
	for name, d := range map[string]time.Duration{
		"MaxLease": w.opts.MaxLease, "DrainTimeout": w.opts.DrainTimeout, "CancelTimeout": w.opts.CancelTimeout,
		"FlushTimeout": w.opts.FlushTimeout, "Policy.DeleteWithin": w.opts.Policy.DeleteWithin,
	} {
		if d < 0 {
			bad("Options.%s is %v, want 0 or more", name, d)
		}
	}
	for i, g := range w.opts.Gates {
		if g == nil {
			bad("Options.Gates[%d] is nil", i)
		} else if v, ok := g.(validator); ok && v.validate() != nil {
			bad("Options.Gates[%d]: %w", i, v.validate())
		} else if _, ok := g.(keyed); ok && attr.IsFIFO(w.queue) {
			bad("Options.Gates[%d]: PerKey is for standard queues; a FIFO queue's groups are handled one message at a time anyway", i)
		} else if kind := onlyOnceGate(g); kind != "" && slices.Contains(w.opts.Gates[:i], g) {
			bad("Options.Gates[%d]: the same %s is there twice", i, kind)
		}
	}
	errs = append(errs, check(w.handler))
	return errors.Join(errs...)
}

// check reports what is wrong with the set-up of h.
func check(h Handler) error {
	if isNil(h) {
		return errors.New("worker: the handler is nil")
	}
	if v, ok := h.(validator); ok {
		return v.validate()
	}
	return nil
}

// onlyOnceGate names the kinds of gates of which a message would wait for itself if it
// had to pass the same one twice.
func onlyOnceGate(g Gate) string {
	switch g.(type) {
	case *perKey:
		return "PerKey gate"
	case *Breaker:
		return "Breaker"
	}
	return ""
}
