package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quayside-go/quayside/internal/attr"
)

// ErrDraining is the cause (context.Cause) with which a handler's context is
// cancelled when a drain has waited Options.DrainTimeout for it. A handler that
// then returns the context's error has its message released, to be handled
// elsewhere at once. It is also the Err of the events about messages that a
// drain gives back.
var ErrDraining = errors.New("worker: draining")

// Worker handles the messages of one queue. It is made by [New] and runs once.
type Worker struct {
	client  Client
	queue   string // as given: name or URL
	handler Handler
	opts    Options
	started atomic.Bool
}

// New makes a worker that has h handle the messages of queue, given by its name
// or by its URL (whatever contains "://"). It makes no request: what is wrong
// with its arguments is reported by [Worker.Run].
func New(c Client, queue string, h Handler, opts ...func(*Options)) *Worker {
	return &Worker{client: c, queue: queue, handler: h, opts: newOptions(opts)}
}

// Run finds the queue, then receives and handles its messages until ctx is done,
// then drains and returns. A Worker runs once: a second Run returns an error.
//
// Draining means:
//
//  1. No more messages are received; a long poll under way is cancelled.
//  2. Messages received but not begun are released: they become visible again.
//  3. Running handlers are waited for, up to Options.DrainTimeout. Their contexts
//     stay alive, and what they finish is deleted as always.
//  4. The contexts of those still running are cancelled with the cause
//     [ErrDraining], and they have 5 seconds to return.
//  5. The messages of those still running then are released and abandoned: such
//     a handler runs on, but what it returns has no effect any more.
//  6. Deletes and releases not yet answered have 3 seconds to complete; a request
//     that is not answered within one of them is repeated.
//
// After a clean drain Run returns nil; the end of ctx is no error. It returns
// *[DrainError] if handlers were abandoned or deletes did not reach SQS: those
// messages will be delivered again. A message that SQS handed to the cancelled
// poll without the reply arriving is not lost either, but stays invisible until
// its visibility timeout runs out.
//
// Run returns an error without having received anything if options are bad
// (before the first request), if the queue does not exist (naming queue, region
// and endpoint as far as they are known), or if it cannot be asked about. If
// just the reading of its attributes is denied, Run goes on and receives with a
// visibility timeout of 30 seconds; so it does if the queue's own is 0.
//
// Once it is receiving, what may pass (throttling, network and server faults) is
// tried again at intervals of 100 ms growing to 10 s: receives without end,
// deletes and visibility changes ten times. What will not pass (the queue is
// gone, access is denied to receive or delete) makes Run drain as above and
// return that error. A delete that SQS refuses for what is in it concerns only
// its own message. Options.Hook sees all of it.
func (w *Worker) Run(ctx context.Context) error {
	if w.started.Swap(true) {
		return errors.New("worker: Run was called before; a Worker runs once")
	}
	if err := w.validate(); err != nil {
		return err
	}
	r := newRun(ctx, w)
	defer r.cancel(ErrDraining)
	defer r.halt(nil)
	if err := r.find(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // nothing was received, so there is nothing to drain
		}
		return fmt.Errorf("worker: %w", err)
	}
	unstarted, err := r.poll(r.polling)
	unclean := r.drain(unstarted, err)
	switch {
	case err == nil && unclean == nil:
		return nil
	case err == nil:
		return unclean
	case unclean == nil:
		return err
	}
	return errors.Join(err, unclean)
}

// A run is what a Worker is while it runs.
type run struct {
	worker *Worker
	opts   *Options
	queue  queue

	// values is Run's context without its end. base, which a drain cancels, is
	// made of it, and the parent of the handlers' contexts.
	values context.Context
	base   context.Context
	cancel context.CancelCauseFunc

	permits chan struct{} // holds one token per chain
	settler *settler

	// polling is Run's context; halt ends it early, with a *haltError as cause,
	// when settling shows that going on is useless.
	polling context.Context
	halt    context.CancelCauseFunc

	mu       sync.Mutex
	chains   map[*chain]struct{} // those not at their end
	draining bool
	idle     chan struct{} // made by a drain; closed once chains is empty
	counts   DrainError    // of the drain
}

func newRun(ctx context.Context, w *Worker) *run {
	r := &run{
		worker:  w,
		opts:    &w.opts,
		queue:   queue{name: attr.QueueName(w.queue), fifo: attr.IsFIFO(w.queue)},
		permits: make(chan struct{}, w.opts.Concurrency),
		chains:  make(map[*chain]struct{}),
	}
	r.values = context.WithoutCancel(ctx)
	r.base, r.cancel = context.WithCancelCause(r.values)
	r.polling, r.halt = context.WithCancelCause(ctx)
	r.settler = newSettler(r)
	return r
}

// haltError marks the cause of r.polling's end as an error of the worker's, which
// Run returns.
type haltError struct{ error }

// event tells the hook, if there is one.
func (r *run) event(ctx context.Context, e Event) {
	if r.opts.Hook == nil {
		return
	}
	e.Queue = r.queue.name
	r.opts.Hook(ctx, e)
}

// request tells the hook about a request to SQS that began at start and is over.
// ms is the hook's from now on.
func (r *run) request(action string, start time.Time, ms []*Message, err error) {
	r.event(r.values, Event{
		Kind: EventRequest, Action: action, Messages: ms, Err: err,
		Start: start, Duration: time.Since(start),
	})
}
