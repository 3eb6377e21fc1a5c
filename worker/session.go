package worker

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// maxHeldBack is for how long a message may have been received before it came to a host,
// when nothing tells: the longest batching window of an AWS Lambda trigger.
const maxHeldBack = 5 * time.Minute

// A Session is what comes to a [Host] at one time. Its methods may be called by many
// goroutines at once.
type Session struct {
	host *Host
	run  *run // of its messages; knows of the queue what is known without a question

	mu sync.Mutex // guards the states of leases
}

// Settlement is what became of a delivery.
type Settlement struct {
	Message *Message
	Outcome Outcome
	Err     error // of the handler

	// Again is when a message that is not finished is to be visible again, from now on:
	// 0 at once, negative when its visibility timeout ends. SQS counts in whole seconds,
	// and to 12 hours: Settle rounds it up, and shortens it to fit.
	Again time.Duration
}

// Finished reports whether the message is to be deleted.
func (s Settlement) Finished() bool { return outcome{kind: s.Outcome}.finished() }

// Open begins a session. Its requests, events and contexts carry the values of ctx, and
// its requests end with ctx: those that settle, and those that send copies to the
// dead-letter queue.
func (h *Host) Open(ctx context.Context) *Session {
	q, _ := h.known()
	return &Session{host: h, run: h.newRun(ctx, q)}
}

// Message returns what SQS delivered as a worker would have: in came at the given time.
// Unless it is its first receive, of which SQS says when it was, that is taken to be when it
// was received, give or take five minutes.
func (s *Session) Message(in types.Message, at time.Time) *Message {
	m := s.run.newMessage(in, lease{}, at)
	m.lease.polled, m.lease.lasts = at.Add(-maxHeldBack), at // somewhere in between
	first := m.systemTime(types.MessageSystemAttributeNameApproximateFirstReceiveTimestamp)
	if held := at.Sub(first); m.Receives == 1 && held >= 0 && held <= maxHeldBack { // or a clock is wrong
		m.lease.polled, m.lease.lasts = first, first
	}
	m.lease.expires = m.lease.lasts.Add(maxInvisible) // until the queue's visibility timeout is known
	return m
}

// Deliver has m, of this session, handled and calls settled with what came of it, once, and
// before the hook hears of it.
// The handler's context is ctx, with m in it; ended with the cause [ErrDraining], it may
// mean Released. A panic is a failure, and so is a handler that ends the goroutine as
// runtime.Goexit does: settled is called then too, but Deliver does not return.
//
// A copy for the dead-letter queue is sent before settled is called. Nothing else is asked
// of SQS: that is for Settle. A message that was abandoned is not settled; the hook hears
// nothing of its end, and no copy is sent.
func (s *Session) Deliver(ctx context.Context, m *Message, settled func(Settlement)) {
	if known, _ := FromContext(ctx); known != m {
		ctx = withMessage(ctx, m)
	}
	start := time.Now()
	err := errExited
	defer func() { // a handler that ends the goroutine comes by here too
		e := Event{Kind: EventHandled, Message: m, Start: start, Duration: time.Since(start)}
		var o outcome
		o, e.Err = decide(ctx, m, err)
		if o.kind == DeadLettered && !s.isOver(m) {
			o, e.Err = s.bury(m, e.Err)
		}
		if !s.claim(m) {
			return
		}
		e.Outcome = o.kind
		settled(Settlement{Message: m, Outcome: o.kind, Err: e.Err, Again: o.again})
		s.run.event(ctx, e)
	}()
	err = call(ctx, s.host.handler, m)
}

// Abandon gives up waiting for the handler of m, which may still run: what it returns has
// no effect any more, but for what it asks to be sent to the dead-letter queue at this very
// moment. It reports false if m is settled, or about to be.
func (s *Session) Abandon(m *Message) (Settlement, bool) {
	if !s.claim(m) {
		return Settlement{}, false
	}
	s.run.event(s.run.values, Event{Kind: EventAbandoned, Message: m.stub(), Err: ErrDraining})
	return Settlement{Message: m, Outcome: Failed, Err: ErrDraining, Again: -1}, true
}

// claim reports whether it is the caller's to say what becomes of m.
func (s *Session) claim(m *Message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ours := m.lease.state != over
	m.lease.state = over
	return ours
}

func (s *Session) isOver(m *Message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return m.lease.state == over
}

func (s *Session) bury(m *Message, reason error) (outcome, error) {
	q, err := s.host.find(s.run.last)
	if err != nil {
		return s.run.buried(m, reason, err)
	}
	return s.host.newRun(s.run.last, q).bury(m, reason)
}

// Settle has messages that are not finished become visible when they are to, as far as
// there is a client and as far as SQS takes it; the hook hears of requests, and of those
// that SQS does not take. On a FIFO queue it asks in the order of ss: messages of a group
// that were not delivered come before the one that failed, the last of them first, or they
// overtake it. Messages that were not delivered are Released, and so the hook is told.
//
// It returns when SQS has answered for all of them, or the session's context has ended.
func (s *Session) Settle(ss []Settlement) {
	var changes []entry
	for _, one := range ss {
		m := one.Message
		switch {
		case one.Finished():
			s.run.ledger.forget(m.ID)
			continue
		case one.Outcome == Released:
			s.run.event(s.run.values, Event{Kind: EventReleased, Message: m, Err: one.Err})
			s.run.ledger.add(m.ID, 1)
		case one.Outcome == Snoozed:
			s.run.ledger.add(m.ID, 1)
		}
		if one.Again >= 0 {
			e := newChange(m, time.Now().Add(one.Again))
			e.values = m.values
			changes = append(changes, e)
		}
	}
	if len(changes) > 0 && s.host.client != nil {
		s.change(changes)
	}
}

// change makes the changes.
func (s *Session) change(es []entry) {
	q, err := s.host.find(s.run.last)
	r := s.host.newRun(s.run.last, q)
	settler := &settler{run: r, ctx: r.last, patient: r.last}
	if err != nil {
		r.queue.name, r.queue.url = s.run.queue.name, s.run.queue.url
		for i := range es {
			settler.changed(&es[i], err, time.Time{})
		}
		return
	}
	if !q.explicit {
		for i := range es {
			es[i].expires = es[i].lasts.Add(q.visibility)
		}
	}
	if q.fifo {
		settler.sendAll(es)
		return
	}
	var requests sync.WaitGroup
	full := (len(es) + batchSize - 1) / batchSize
	share := (full + laneRequests - 1) / laneRequests * batchSize
	for ; len(es) > share; es = es[share:] {
		some := es[:share:share]
		requests.Go(func() { settler.sendAll(some) })
	}
	settler.sendAll(es)
	requests.Wait()
}

// sendAll changes es, in this order, until all are answered or given up.
func (s *settler) sendAll(es []entry) {
	for len(es) > 0 {
		n := min(len(es), batchSize)
		again := s.send(es[:n:n], s.run.change, s.changed)
		if len(again) > 0 {
			sleep(s.ctx, time.Until(again[len(again)-1].due))
		}
		es = append(again, es[n:]...)
	}
}
