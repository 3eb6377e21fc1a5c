package middleware

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/quayside-go/quayside/internal/attr"
	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

// Defaults of SegmentsOptions.
const (
	DefaultJoinBytes = 256 << 20
	DefaultWait      = 30 * time.Second
	DefaultWaitFirst = time.Second
)

// SegmentsOptions are what Segments' functions may change.
type SegmentsOptions struct {
	// MaxParts is how many parts may be held at once of a queue, those of payloads that are
	// being handled included: each has a permit of the worker. Default, and meaning of 0:
	// three quarters of worker.Options.Concurrency, rounded down; in any case fewer than
	// that, so that other messages, and the parts that are missing, get through. (Of several
	// workers of a queue the smallest counts. Workers of several queues that share a Pool
	// need a MaxParts, so that those of all queues together are fewer than its permits.)
	MaxParts int

	// MaxBytes is how many bytes may be held at once: of a payload its parts and, beside
	// them, what they make together. So it may have half as much. Default, and meaning of
	// 0: DefaultJoinBytes.
	MaxBytes int64

	// Wait is how long the first part of a payload, and with it the others, is held until
	// all are there. Default, and meaning of 0: DefaultWait.
	Wait time.Duration

	// WaitFirst is how long parts are held without their first one. Of several processes,
	// the one that has the first part is to get the others. Default, and meaning of 0:
	// DefaultWaitFirst.
	WaitFirst time.Duration
}

// Joining makes one message of those that payload.SendSegments has sent in parts. It is
// made by [Segments].
type Joining struct {
	opts SegmentsOptions

	mu     sync.Mutex
	queues map[string]*joinedQueue
	open   map[payloadKey]*gathering
	begun  uint64 // payloads so far
	bytes  int64  // held
	past   history
}

// Segments makes a Joining for the parts that payload.SendSegments sends. Both methods
// are needed:
//
//	segments := middleware.Segments()
//	w := worker.New(q, "reports", segments.Handler(h), segments.Worker, func(o *worker.Options) {
//		o.Concurrency = 40 // more than a payload has parts
//	})
//
// # What the handler sees
//
// One message, once all parts are in this process: the delivery of the first part, with the
// whole body in place of its own, and without the attribute that marks it. Its ID, SentAt
// and Receives are those of that delivery, and so is the context. Attempts counts how often
// this process, since its start, has handled the payload: what the parts were received for
// while they were looking for each other is no attempt.
//
// What the handler returns is the outcome of all parts: they are deleted together, or come
// back together, after the same delay, or go to the dead-letter queue, each as a copy. A
// worker of that queue with a Segments can join the copies, and so can one of this queue
// once they are moved back. What the handler sets in the message's Policy goes for all;
// LimitLease for the first alone, so ExtendVisibility belongs before Segments. A part whose
// visibility timeout runs out meanwhile does not stop the handler, unless it is the first.
//
// A payload is handled at least once, as every message is. If a part is delivered twice,
// or was sent twice, both copies have the payload's outcome. At least the last 10,000
// payloads are remembered, and what still comes of those that are done is deleted. Another
// process cannot know, and takes it for part of a payload that is not complete.
//
// # While parts are missing
//
// Parts that wait are running handlers to their worker: they have a permit each and their
// leases are extended. So Concurrency has to be larger than the number of parts, by a third
// unless MaxParts is set, and twice as large if two such payloads are to be handled at once.
// The messages of a payload that has more parts or bytes than may be held fail with an
// error that says so, and come back.
//
// Payloads stand in line: those of which the first part is here, then the others, each in the
// order in which they began here. A part for which there is no room any more takes
// that of the last in line behind its own payload, which is given back as a whole. If there
// is none, the part itself is. Copies of parts go first. So two payloads cannot wait for each other's permits, and
// parts never have all of them.
//
// What is given back is a Snooze, and no attempt: parts without their first one after
// WaitFirst, to come back within seconds, so that they find the process that has that; all
// of a payload after Wait, together and after a time that grows with their receives. But each
// time costs a receive towards the maxReceiveCount of the queue. One process with room for
// its payloads needs one or two. With several it is a matter of chance, and maxReceiveCount
// should be 50 or more. SQS moves parts to the dead-letter queue one by
// one, and the others follow. Without a dead-letter queue, parts of a payload that was
// not sent whole come and go until the queue's retention period ends.
//
// What keeps messages of the queue waiting can keep a payload from being complete: with
// a worker.PerKey gate, its n has to be larger than the number of parts too.
//
// # Errors
//
// A message goes the way of worker.DeadLetter if its attribute is malformed or if it is on
// a FIFO queue, and so do all parts of a payload if they do not add up to what was sent, by
// size and checksum. Parts fail at a worker that lacks the option [Joining.Worker].
func Segments(opts ...func(*SegmentsOptions)) *Joining {
	j := &Joining{queues: make(map[string]*joinedQueue), open: make(map[payloadKey]*gathering)}
	for _, f := range opts {
		if f != nil {
			f(&j.opts)
		}
	}
	if j.opts.MaxBytes <= 0 {
		j.opts.MaxBytes = DefaultJoinBytes
	}
	if j.opts.Wait <= 0 {
		j.opts.Wait = DefaultWait
	}
	if j.opts.WaitFirst <= 0 {
		j.opts.WaitFirst = DefaultWaitFirst
	}
	return j
}

// Handler is a worker.Middleware that calls next once for each payload, and for each
// message that is no part of one, as it is. See [Segments].
func (j *Joining) Handler(next worker.Handler) worker.Handler {
	return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
		v, there := m.Attributes[payload.SegmentAttribute]
		if !there {
			return next.Handle(ctx, m)
		}
		s, err := payload.ParseSegment(v)
		if err != nil {
			return worker.DeadLetter(err)
		}
		if attr.IsFIFO(m.Queue) {
			return worker.DeadLetter(fmt.Errorf("middleware: Segments: part %d of %d of a payload is on a FIFO queue, which does not deliver them at the same time", s.Part+1, s.Parts))
		}
		p, err := j.enter(ctx, m, s)
		if p == nil {
			return err
		}
		return j.await(p, next)
	})
}

// part is one delivery of a part. Its last fields are set before woken is closed.
type part struct {
	ctx     context.Context
	message *worker.Message
	index   int
	body    string
	of      *gathering

	woken   chan struct{}
	lead    bool   // it is to have the payload handled
	attempt int    // for that many times
	answer  answer // else, what becomes of it
}

// answer is the outcome of a part.
type answer struct {
	err      error
	policy   *worker.Policy // of the payload's handler; nil if that was not called
	done     bool           // the payload is not to be handled again
	snoozed  bool           // it was no attempt
	released bool           // likewise: a drain has interrupted the payload's handler
}

// await waits until p is answered or is to have the payload handled, and does so.
func (j *Joining) await(p *part, next worker.Handler) error {
	select {
	case <-p.woken:
	case <-p.ctx.Done():
		j.leave(p)
		<-p.woken // for as long as the payload is handled
	}
	if p.lead {
		return j.run(p, next)
	}
	return p.settle()
}

// settle returns the outcome of a part that others have decided on.
func (p *part) settle() error {
	a := &p.answer
	if a.policy != nil {
		*p.message.Policy() = *a.policy
	}
	if a.released && worker.OutcomeOf(p.ctx, a.err) != worker.Released {
		return worker.Snooze(0) // the drain has not come to it yet
	}
	return a.err
}

// run has the payload of p handled, and answers its other parts.
func (j *Joining) run(p *part, next worker.Handler) (err error) {
	g, received := p.of, p.message.Attempts
	p.message.Attempts = p.attempt
	err = errHandlerExited
	defer func() { // a handler that ends the goroutine comes by here too
		var a answer
		if panicked := rescued(func() { a = decided(p, err) }); panicked != nil { // a method of err
			a = answer{err: panicked}
		}
		err = a.err
		p.message.Attempts = received
		j.finish(g, p, a)
	}()
	body, err := g.join()
	if err != nil {
		return worker.DeadLetter(err)
	}
	inside := opened{body: body, typ: p.message.Type, attributes: maps.Clone(p.message.Attributes)}
	delete(inside.attributes, payload.SegmentAttribute)
	err = errHandlerExited
	if panicked := rescued(func() { err = inside.handle(p.ctx, p.message, next) }); panicked != nil {
		return panicked
	}
	return err
}
