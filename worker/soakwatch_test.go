package worker_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// soakWatch sees what workers are given, what they do with it and what they ask for,
// and complains.
type soakWatch struct {
	t      *testing.T
	seed   uint64
	faults bool
	script soakScript

	mu         sync.Mutex
	log        soakLog
	deliveries map[string]*soakDelivery // by receipt handle
	copies     map[string]*soakCopy     // by message id
	groups     map[string][]*soakDelivery
	running    int // handlers
	complaints int
	counts     map[string]int
}

// soakCopy is a message in a queue: one that was sent twice, since the reply to the
// first was lost, is two.
type soakCopy struct {
	id      string
	queue   soakQueue
	job     soakJob
	turns   int // handlers that got to the end of what the script has for them
	running []*soakDelivery
	last    *soakDelivery

	unsent  bool // a copy for the dead-letter queue was not taken, or so it seemed
	deleted bool // in time, says SQS
	doubled bool // SQS has delivered it while it was invisible
	final   worker.Outcome
	finalBy *soakDelivery
	at      time.Time // of final, the first time
	ran     bool
	spent   bool // a handler has failed with the last receive, or attempt, that the queue allows
}

// soakDelivery is a message in the hands of a worker.
type soakDelivery struct {
	copy     *soakCopy
	process  *soakProcess
	receives int
	ctx      context.Context // its handler's; nil: it was not started

	// It is invisible until expires, as the reply to the last request says: replies take
	// no time. Before that it may be visible from lasts on, if a reply was lost.
	lasts, expires time.Time
	ended          time.Time // its handler has ended, for good on a standard queue
	asked          time.Time // when a message that goes back is to be visible, as first asked for
	deleting       bool      // that was asked for
	inTime         bool      // that was confirmed before its visibility timeout ran out
	abandoned      bool
	lost           bool  // its lease
	released       error // why; nil: it was not
}

// excused reports whether another handler of the same message or group may start
// while this one runs: it was told, or nobody could tell it.
func (d *soakDelivery) excused() bool {
	cause := context.Cause(d.ctx)
	now := time.Now().Equal(d.lasts) // it is told at this instant
	return d.process.dead.Err() != nil || d.abandoned || d.copy.doubled || now ||
		errors.Is(cause, worker.ErrLeaseLost) || errors.Is(cause, worker.ErrMaxLease)
}

// complain fails the test, with what is known of the message. w.mu must be held.
func (w *soakWatch) complain(c *soakCopy, format string, args ...any) {
	w.t.Helper()
	w.complaints++
	if w.complaints > 5 {
		w.t.Fail()
		return
	}
	w.t.Errorf("seed %d, message %d (%s): "+format+"%s",
		append(append([]any{w.seed, c.job.N, c.id}, args...), w.log.about(c))...)
}

// started hears that a handler starts.
func (w *soakWatch) started(ctx context.Context, p *soakProcess, m *worker.Message) (*soakDelivery, soakTurn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.deliveries[*m.SDK().ReceiptHandle]
	c := d.copy
	w.log.add(soakEntry{who: p.name, what: "starts", about: c, count: d.receives})
	w.counts["handlers"]++
	d.ctx = ctx
	for _, other := range c.running {
		if !other.excused() {
			w.complain(c, "it is handled by %s and %s at once", other.process.name, p.name)
		}
	}
	for _, other := range w.groups[c.job.Group] {
		if other.copy != c && !other.excused() {
			w.complain(c, "it runs beside message %d of its group", other.copy.job.N)
		}
	}
	if time.Now().After(d.expires) && !c.doubled && p.dead.Err() == nil {
		w.complain(c, "its handler starts %v after its visibility timeout", time.Since(d.expires))
	}
	w.again(d)
	c.ran = true
	c.running = append(c.running, d)
	w.running++
	w.counts["handlers at once"] = max(w.counts["handlers at once"], w.running)
	if c.queue.fifo() {
		w.groups[c.job.Group] = append(w.groups[c.job.Group], d)
	}
	turn := w.script.turn(c.job, c.turns)
	if c.job.Stuck {
		c.turns++
	}
	return d, turn
}

// again judges a handler that starts although the message is done. w.mu must be held.
func (w *soakWatch) again(d *soakDelivery) {
	by := d.copy.finalBy
	switch {
	case by == nil:
	case by.process.dead.Err() != nil && !by.inTime:
		w.counts["again, after a crash"]++
	case !w.faults:
		w.complain(d.copy, "it was %s by %s, and comes again", d.copy.final, by.process.name)
	case !by.inTime && by.process != d.process:
		w.counts["again, as its delete came late"]++
	case !d.copy.queue.fifo() && (d.copy.deleted || d.copy.doubled):
		w.counts["again, on a standard queue under faults"]++
	default:
		w.complain(d.copy, "it was %s by %s, deleted in time: %v, and comes again to %s", d.copy.final, by.process.name, by.inTime, d.process.name)
	}
}

// turned hears that a handler has gone through its turn, and is about to end. It reports
// false if nobody cares any more.
func (w *soakWatch) turned(d *soakDelivery) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !d.abandoned && !d.copy.job.Stuck && d.process.dead.Err() == nil {
		d.copy.turns++
	}
}

// stopped hears that a handler ends, however it does.
func (w *soakWatch) stopped(d *soakDelivery) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := d.copy
	w.log.add(soakEntry{who: d.process.name, what: "ends", about: c, err: context.Cause(d.ctx)})
	c.running = soakWithout(c.running, d)
	w.running--
	if c.queue.fifo() {
		w.groups[c.job.Group] = soakWithout(w.groups[c.job.Group], d)
	}
	if d.abandoned {
		w.counts["ended after they were abandoned"]++
	}
	if d.ctx.Err() == nil && d.process.dead.Err() == nil && time.Now().After(d.expires) && !c.doubled {
		w.complain(c, "its handler ran for %v after its visibility timeout and was not told", time.Since(d.expires))
	}
}

func soakWithout(ds []*soakDelivery, d *soakDelivery) (rest []*soakDelivery) {
	for _, other := range ds {
		if other != d {
			rest = append(rest, other)
		}
	}
	return rest
}
