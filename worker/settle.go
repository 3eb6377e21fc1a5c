package worker

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/quayside-go/quayside/internal/attr"
)

const (
	// changeWithin is how long the change of a message that is to come again later may wait
	// for others: ten share a request.
	changeWithin = 100 * time.Millisecond
	// settleTries bounds how often one entry is sent; with backoff, for about
	// half a minute.
	settleTries = 10
	// settleTimeout is for one request, the SDK's retries included.
	settleTimeout = 20 * time.Second
	// lastTimeout is the same while the settler is being closed, when there is
	// little time: rather than wait for a dead connection, ask again.
	lastTimeout = time.Second
)

var (
	errLapsed = errors.New("worker: its visibility timeout had run out")
	errLate   = errors.New("worker: no time was left for it")
	errDoubt  = errors.New("worker: an earlier request for it was not answered, and it may have come again since")
)

// A settler tells SQS what became of messages: deletes of those done, and
// changes of the visibility of those to come again. There is one per run.
type settler struct {
	run       *run
	memory    *memory
	deletes   *lane
	changes   *lane
	undeleted atomic.Int64 // deletes given up
	closing   atomic.Bool

	ctx     context.Context // ended by stop: no request any more
	stop    context.CancelFunc
	patient context.Context // of requests begun before closing, ended soon after
	rush    context.CancelFunc
}

func newSettler(r *run) *settler {
	s := &settler{run: r, memory: newMemory(max(memorySize, 2*r.maxUndeleted()))}
	s.ctx, s.stop = context.WithCancel(r.values)
	s.patient, s.rush = context.WithCancel(s.ctx)
	requests := max(laneRequests, r.opts.mostPollers())
	s.deletes = newLane(requests, func(es []entry) []entry { return s.send(es, r.delete, s.deleted) })
	s.changes = newLane(requests, func(es []entry) []entry { return s.send(es, r.change, s.changed) })
	return s
}

// done has m deleted, within the time that its policy allows. From now on m is
// known to be done, until SQS has confirmed the delete.
func (s *settler) done(m *Message) {
	s.memory.add(m.ID)
	e := newEntry(m)
	e.values = m.values
	e.due = s.due(&e, m.Policy().DeleteWithin)
	s.deletes.add(e)
}

// flush is for when nothing more comes soon, as no handler runs.
func (s *settler) flush() {
	s.deletes.flush()
	s.changes.flush()
}

// due is when e, which may wait for so long, is to leave at the latest: before its message
// comes again by itself.
func (s *settler) due(e *entry, within time.Duration) time.Time {
	due, latest := time.Now().Add(within), e.lasts.Add(-min(time.Second, s.run.queue.visibility/4))
	if due.After(latest) {
		return latest
	}
	return due
}

// close sends what is waiting, gives it d to complete, and waits for the last
// request to end. Nothing may be added any more.
func (s *settler) close(d time.Duration) {
	s.closing.Store(true)
	rush := time.AfterFunc(lastTimeout, s.rush)
	end := time.AfterFunc(d, func() {
		s.stop()
		s.deletes.hurry()
		s.changes.hurry()
	})
	for _, l := range []*lane{s.deletes, s.changes} {
		l.hurry()
	}
	for _, l := range []*lane{s.deletes, s.changes} {
		l.wait(context.Background(), 0)
		l.close()
	}
	rush.Stop()
	end.Stop()
	s.stop()
}

// deleted hears the end of a delete.
func (s *settler) deleted(e *entry, err error, now time.Time) {
	if err == nil {
		// Later than that, SQS may have delivered the message again, and a delete
		// by an outdated receipt handle is answered with success but need not
		// delete.
		if now.Before(e.lasts) {
			s.memory.forget(e.id)
		}
		return
	}
	s.undeleted.Add(1)
	s.unsettled(e, "DeleteMessageBatch", err)
	if _, ok := err.(refused); !ok && attr.Fatal(err) {
		// Every message would be handled again and again.
		err = fmt.Errorf("worker: delete from %q: %w", s.run.queue.name, s.run.explain(err))
		s.run.halt(&haltError{err})
	}
}

// changed hears the end of a change of visibility. If it was not made, the
// message comes back when its visibility timeout runs out.
func (s *settler) changed(e *entry, err error, _ time.Time) {
	if err != nil {
		s.unsettled(e, "ChangeMessageVisibilityBatch", err)
	}
}

func (s *settler) unsettled(e *entry, action string, err error) {
	r := s.run
	r.event(r.values, Event{Kind: EventUnsettled, Action: action, Message: e.stub(r.queue.name), Err: err})
}
