package worker

import (
	"container/heap"
	"context"
	"time"

	"github.com/aws/smithy-go"
)

// extendTimeout is for one request; less if a lease of it ends before.
const extendTimeout = 10 * time.Second

// due is what a tick found to do, once the lock is released.
type due struct {
	extend []entry
	lost   []loss
	warn   []context.CancelCauseFunc // of handlers at their limit
	tired  []*Message                // waiting for so long that they had better go back
}

// loss is a message that is lost, and how to tell its handler, if it has one.
type loss struct {
	m      *Message
	cancel context.CancelCauseFunc
}

// loseLocked takes m off the heap. leases.mu must be held.
func (l *leases) loseLocked(m *Message) loss {
	l.dropLocked(m)
	m.lease.state = lost
	return loss{m, m.lease.cancel}
}

// tick is called when the timer fires.
func (l *leases) tick() {
	l.mu.Lock()
	if l.ended {
		l.mu.Unlock()
		return
	}
	l.ticks.Add(1)
	defer l.ticks.Done()
	l.armed = time.Time{}
	d := l.dueLocked(time.Now())
	l.armLocked()
	l.mu.Unlock()

	for _, m := range d.tired { // first, as what goes back is not to be extended
		l.run.tired(m)
	}
	l.lane.add(d.extend...)
	for _, cancel := range d.warn {
		cancel(ErrMaxLease)
	}
	l.lose(d.lost)
}

// dueLocked does what can be done under the lock, and returns the rest. What is
// due soon is extended along, so that requests are full.
func (l *leases) dueLocked(now time.Time) (d due) {
	visibility := l.run.queue.visibility
	soon := now.Add(visibility / 10)
	var early []*Message
	for len(l.heap) > 0 && !l.heap[0].lease.next.After(soon) {
		m := l.heap[0]
		s := &m.lease
		extension := s.extendable(visibility)
		if s.next.After(now) && (!extension || s.tries > 0 || len(d.extend) == 0) {
			heap.Pop(&l.heap)
			early = append(early, m)
			continue
		}
		switch {
		case !now.Before(s.lasts):
			d.lost = append(d.lost, l.loseLocked(m))
			continue
		case !s.warned && !s.began.IsZero() && !now.Before(s.limit):
			s.warned = true
			d.warn = append(d.warn, s.cancel)
		case extension:
			if s.buffered && now.Sub(s.polled) >= visibility {
				d.tired = append(d.tired, m)
			}
			s.state = queued
			d.extend = append(d.extend, entry{kept: m})
		}
		s.schedule(visibility)
		heap.Fix(&l.heap, 0)
	}
	for _, m := range early {
		heap.Push(&l.heap, m)
	}
	return d
}

// extend makes one request. It is what the lane calls. Nothing is tried again
// here: a lease that could not be extended is due again soon, until it is over.
func (l *leases) extend(es []entry) (again []entry) {
	es, ends := l.board(es)
	if len(es) == 0 {
		return nil
	}
	limit := min(extendTimeout, max(time.Until(ends)/2, time.Second))
	ctx, cancel := context.WithTimeout(l.ctx, limit)
	answer, err := l.run.change(ctx, es)
	cancel()
	after := time.Now()
	if len(es) > 1 && wrong(err) { // for the fault of one of them
		for i := range es {
			l.land(es[i:i+1], answer.start, after, []error{errUnanswered})
		}
		l.extendOneByOne(es)
		return nil
	}
	l.land(es, answer.start, after, answer.errors(len(es), err))
	return nil
}

// extendOneByOne is extend for messages one of which has spoilt a request.
func (l *leases) extendOneByOne(es []entry) {
	for _, e := range es {
		l.mu.Lock()
		if e.kept.lease.state == held {
			e.kept.lease.state = queued
		}
		l.mu.Unlock()
		l.extend([]entry{e})
	}
}

// board returns those of es that are still to be extended, and when the first of
// their leases ends.
func (l *leases) board(es []entry) (flight []entry, ends time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	visibility := l.run.queue.visibility
	for _, e := range es {
		m, s := e.kept, &e.kept.lease
		if s.state != queued {
			continue // it has ended, or is lost, while it waited for a request
		}
		s.state = flying
		e = newChange(m, now.Add(visibility))
		e.kept = m
		if latest := s.limit.Add(grace(visibility)); e.at.After(latest) {
			e.at = latest
		}
		if ends.IsZero() || s.lasts.Before(ends) {
			ends = s.lasts
		}
		flight = append(flight, e)
	}
	return flight, ends
}

// land takes note of what became of the entries of a request that began at before.
func (l *leases) land(es []entry, before, after time.Time, errs []error) {
	var ended []*Message
	var losses []loss
	l.mu.Lock()
	for i, e := range es {
		m, s := e.kept, &e.kept.lease
		if s.state != flying && s.state != ending {
			continue // lost meanwhile: whoever settles it looks at it without the lock
		}
		if errs[i] == nil {
			d := time.Duration(seconds(e, before)) * time.Second
			s.lasts, s.expires, s.tries = before.Add(d), after.Add(d), 0
		} else {
			s.tries++
		}
		switch {
		case s.state == ending:
			s.state = over
			ended = append(ended, m)
		case refusedForGood(errs[i]):
			losses = append(losses, l.loseLocked(m))
		default:
			s.state = held
			l.rescheduleLocked(m)
		}
	}
	l.mu.Unlock()
	for _, m := range ended {
		l.run.settled(m)
	}
	l.lose(losses)
}

// refusedForGood reports whether err says that SQS does not know the message as
// one in flight with this receipt handle. Any other error may pass, even that of a
// missing permission: the lease is over only when its time is.
func refusedForGood(err error) bool {
	e, ok := err.(refused)
	return ok && e.Fault == smithy.FaultClient || wrong(err)
}

// lose tells whom it concerns that messages are lost.
func (l *leases) lose(losses []loss) {
	for _, x := range losses {
		l.run.stats.lost.Add(1)
		if x.cancel != nil {
			x.cancel(ErrLeaseLost)
		}
		l.run.event(l.run.values, Event{Kind: EventLeaseLost, Message: x.m.stub(), Err: ErrLeaseLost})
	}
}
