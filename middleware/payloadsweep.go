package middleware

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

const (
	// sweepers is how many objects a worker deletes at once, and sweepTimeout is for one.
	sweepers     = 16
	sweepTimeout = 10 * time.Second
	// maxSwept is how many objects may wait for it. One is a few hundred bytes.
	maxSwept = 10_000
)

var (
	errSwamped     = errors.New("payload: too many objects wait to be deleted")
	errStopped     = errors.New("payload: the worker has stopped")
	errStoreExited = errors.New("payload: the store called runtime.Goexit")
)

// Worker is an option for worker.New: it deletes the objects of messages that are done,
// by Options.Hook, beside a hook that is there. Without it objects stay, as they must if
// others read them too: messages of other queues point to the same object if they were
// sent by one SNS topic.
//
// An object is deleted once SQS has confirmed the delete of its message, and only if its
// handler was Done or has Discarded it: the copy of a message in a dead-letter queue is a
// pointer too. Deletes are made in the background, up to 16 at once, and over before Run
// returns. What could not be deleted is told to OnError, and stays; so does, untold, the
// object of a message that the worker had to delete a second time. Behind AWS Lambda,
// which deletes messages itself, all objects stay.
func (p *Payloads) Worker(o *worker.Options) { o.Hook = then(o.Hook, p.hear) }

func (p *Payloads) hear(ctx context.Context, e worker.Event) {
	switch {
	case e.Kind == worker.EventHandled && e.Message != nil:
		if o, ok := e.Message.Value(objectKey{p}).(*object); ok {
			o.done = e.Outcome == worker.Done || e.Outcome == worker.Discarded
		}
	case e.Kind == worker.EventRequest && e.Action == "DeleteMessageBatch" && e.Err == nil:
		for i, m := range e.Messages {
			taken := len(e.Refused) == 0 || e.Refused[i] == nil
			if o, ok := m.Value(objectKey{p}).(*object); ok && taken && o.done {
				p.sweepOf(ctx, e.Worker).add(o)
			}
		}
	case e.Kind == worker.EventStopped:
		p.mu.Lock()
		s := p.sweeps[e.Worker]
		delete(p.sweeps, e.Worker)
		p.mu.Unlock()
		if s != nil {
			s.close(p.opts.DeleteTimeout)
		}
	}
}

func (p *Payloads) left(at payload.Pointer, err error) {
	if p.opts.OnError != nil {
		p.opts.OnError(at, err)
	}
}

// sweepOf returns the sweep of a worker that runs.
func (p *Payloads) sweepOf(ctx context.Context, w *worker.Worker) *sweep {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.sweeps[w]
	if s == nil {
		s = &sweep{of: p, idle: make(chan struct{})}
		s.ctx, s.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
		p.sweeps[w] = s
	}
	return s
}

// sweep deletes objects, from the first delete of a run of a worker to its end. It has
// goroutines only while there are objects.
type sweep struct {
	of     *Payloads
	ctx    context.Context
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	waiting []*object
	running int  // goroutines
	closed  bool // nothing comes any more
	idle    chan struct{}
}

func (s *sweep) add(o *object) {
	s.mu.Lock()
	full := len(s.waiting) >= maxSwept
	if !full {
		s.waiting = append(s.waiting, o)
		if s.running < sweepers {
			s.running++
			go s.run()
		}
	}
	s.mu.Unlock()
	if full {
		s.of.left(o.pointer, errSwamped)
	}
}

func (s *sweep) run() {
	exited := true
	defer func() {
		if exited { // a store has ended the goroutine, as testing.T.FailNow does
			go s.run()
		}
	}()
	for o := s.next(); o != nil; o = s.next() {
		s.delete(o)
	}
	exited = false
}

// next takes the first object. With none waiting it ends the goroutine and returns nil.
func (s *sweep) next() *object {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) == 0 {
		s.running--
		if s.running == 0 && s.closed {
			close(s.idle)
		}
		return nil
	}
	o := s.waiting[0]
	s.waiting[0] = nil
	s.waiting = s.waiting[1:]
	return o
}

// delete deletes o, and tells if it stays. A panic of the store is an error like any other.
func (s *sweep) delete(o *object) {
	err := errStoreExited
	defer func() {
		if err != nil {
			s.of.left(o.pointer, err)
		}
	}()
	if s.ctx.Err() != nil {
		err = context.Cause(s.ctx)
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, sweepTimeout)
	defer cancel()
	if p := rescued(func() { err = o.store.Delete(ctx, o.pointer.Key) }); p != nil {
		err = p
	}
}

// close waits for what is left, for at most d and until the last goroutine has ended.
func (s *sweep) close(d time.Duration) {
	s.mu.Lock()
	s.closed = true
	if s.running == 0 {
		close(s.idle)
	}
	s.mu.Unlock()
	late := time.AfterFunc(d, func() { s.cancel(errStopped) })
	<-s.idle
	late.Stop()
	s.cancel(errStopped)
}
