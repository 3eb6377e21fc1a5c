package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Worker handles the messages of one queue. It is made by [New] and runs once.
type Worker struct {
	client    Client
	queue     string // as given: name or URL
	handler   Handler
	opts      Options
	nilOption bool // one of New's functions is nil
	started   atomic.Bool
	pause     Switch
	run       atomic.Pointer[run] // nil: Run has not begun
}

// New makes a worker that has h handle the messages of queue, given by its name
// or by its URL (whatever contains "://"). It makes no request: what is wrong
// with its arguments is reported by [Worker.Run].
func New(c Client, queue string, h Handler, opts ...func(*Options)) *Worker {
	none := slices.ContainsFunc(opts, func(f func(*Options)) bool { return f == nil })
	return &Worker{client: c, queue: queue, handler: h, opts: newOptions(opts), nilOption: none}
}

// Pause stops the worker from receiving until Resume. What was received is handled, and
// a long poll under way may bring messages still. Both may be called at any time.
func (w *Worker) Pause() { w.pause.Pause() }

// Resume ends a Pause.
func (w *Worker) Resume() { w.pause.Resume() }

// Run finds the queue, then receives and handles its messages until ctx is done,
// then drains and returns. A Worker runs once: a second Run returns an error.
//
// Draining means:
//
//  1. No more messages are received; long polls under way are cancelled. Messages
//     received but not begun are released: they become visible again.
//  2. Running handlers are waited for, up to Options.DrainTimeout. Their contexts
//     stay alive, their messages' visibility timeouts are extended, and what they
//     finish is deleted as always.
//  3. The contexts of those still running are cancelled with the cause
//     [ErrDraining], and they have Options.CancelTimeout to return. The messages of
//     those still running then are released and abandoned: such a handler runs on,
//     but what it returns has no effect any more.
//  4. Deletes and releases not yet answered have Options.FlushTimeout to complete; a
//     request that is not answered within a second of it is repeated.
//
// After a clean drain Run returns nil; the end of ctx is no error. It returns
// *[DrainError] if handlers were abandoned or deletes did not reach SQS: those
// messages will be delivered again. Options.Hook is given the report in either case
// (EventStopped). A message that SQS handed to the cancelled poll without the reply
// arriving is not lost either, but stays invisible until its visibility timeout
// runs out.
//
// Run returns an error without having received anything if options are bad
// (before the first request), if the queue does not exist (naming queue, region
// and endpoint as far as they are known), if it cannot be asked about, or if
// Options.Pool has no permit for one more worker. If just the reading of its
// attributes is denied, Run goes on and receives with a visibility timeout of 30
// seconds; so it does if the queue's own is 0.
//
// The settings of the queue are read once, and risky ones reported (EventWarning).
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
	w.run.Store(r)
	defer r.stats.ended.Store(true)
	defer r.abort()
	defer r.halt(nil)
	if err := r.find(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // nothing was received, so there is nothing to drain
		}
		return fmt.Errorf("worker: %w", err)
	}
	member, err := r.pool().join(w.opts.Weight, w.opts.Concurrency)
	if err != nil {
		return err
	}
	r.member = member
	defer member.leave()
	r.lint()
	unstarted := r.fetch()
	err = stopped(r.polling)
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

// pool returns the pool to share, or one for this run alone.
func (r *run) pool() *Pool {
	if r.opts.Pool != nil {
		return r.opts.Pool
	}
	return NewPool(r.opts.Concurrency)
}

// fetch receives messages until that is to stop, and returns those that came too
// late to be started.
func (r *run) fetch() (unstarted []*Message) {
	var feeder sync.WaitGroup
	if r.opts.Prefetch > 0 || len(r.keyed) > 0 {
		feeder.Go(func() { r.feed(r.polling) })
	}
	unstarted = newFetcher(r).poll(r.polling)
	feeder.Wait()
	return unstarted
}

// stopped returns why polling has stopped: nil if Run's context has ended.
func stopped(ctx context.Context) error {
	if e, ok := context.Cause(ctx).(*haltError); ok {
		return e.error
	}
	return nil
}

// Concurrency returns how many handlers of w may run at once: Options.Concurrency, or
// what it is by default.
func (w *Worker) Concurrency() int { return w.opts.Concurrency }
