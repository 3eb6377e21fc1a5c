package worker

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

const (
	// settleTries bounds how often one entry is sent; with backoff, for about
	// half a minute.
	settleTries = 10
	// settleTimeout is for one request, the SDK's retries included.
	settleTimeout = 20 * time.Second
)

// A settler tells SQS what became of messages: deletes of those done, and
// changes of the visibility of those to come again. There is one per run.
type settler struct {
	run       *run
	memory    *memory
	deletes   lane
	changes   lane
	undeleted atomic.Int64 // deletes given up

	wg    sync.WaitGroup  // requests
	ctx   context.Context // of requests; ended by stop
	stop  context.CancelFunc
	calm  context.Context // ended by hurry, when the settler is being closed
	hurry context.CancelFunc
}

func newSettler(r *run) *settler {
	s := &settler{run: r, memory: newMemory(memorySize)}
	s.ctx, s.stop = context.WithCancel(r.values)
	s.calm, s.hurry = context.WithCancel(s.ctx)
	s.deletes = lane{wg: &s.wg, send: func(es []entry) { s.send(es, s.sendDeletes, s.deleted) }}
	s.changes = lane{wg: &s.wg, send: func(es []entry) { s.send(es, s.sendChanges, s.changed) }}
	return s
}

// done has m deleted, within the time that its policy allows. From now on m is
// known to be done, until SQS has confirmed the delete.
func (s *settler) done(m *Message) {
	s.memory.add(m.ID)
	s.deletes.add(entry{m: m, due: time.Now().Add(m.Policy().DeleteWithin)})
}

// known reports whether m was done before and came again because its delete did
// not reach SQS in time. It is then deleted by its new receipt handle.
func (s *settler) known(m *Message) bool {
	if !s.memory.has(m.ID) {
		return false
	}
	s.deletes.add(entry{m: m})
	return true
}

// close sends what is waiting, gives it d to complete, and waits for the last
// request to end.
func (s *settler) close(d time.Duration) {
	t := time.AfterFunc(d, s.stop)
	s.hurry()
	s.deletes.close()
	s.changes.close()
	s.wg.Wait()
	t.Stop()
	s.stop()
}

// send sends entries until each is taken, is refused for good, or has been tried
// often enough, and has settled told of each. When the settler is being closed,
// time is the only bound.
func (s *settler) send(es []entry, request func([]entry) (reply, error), settled func(*Message, error)) {
	for try := 1; len(es) > 0; try++ {
		errs := s.ask(es, request)
		more := s.ctx.Err() == nil && (try < settleTries || s.calm.Err() != nil)
		again := es[:0]
		for i, e := range es {
			if errs[i] != nil && more && passing(errs[i]) {
				again = append(again, e)
				continue
			}
			settled(e.m, errs[i])
		}
		es = again
		if len(es) > 0 {
			s.pause(try)
		}
	}
}

// pause waits before try is repeated: not long once the settler is being closed.
func (s *settler) pause(try int) {
	if s.calm.Err() != nil {
		sleep(s.ctx, backoff(1))
		return
	}
	sleep(s.calm, backoff(try))
}

// ask makes one request and returns an error, or nil, for each of its entries.
// Entry ids are positions in es: message ids may repeat in a batch.
func (s *settler) ask(es []entry, request func([]entry) (reply, error)) []error {
	errs := make([]error, len(es))
	answer, err := request(es)
	if err == nil {
		err = errUnanswered
	}
	for i := range errs {
		errs[i] = err
	}
	for _, id := range answer.taken {
		if i, ok := position(id, errs); ok {
			errs[i] = nil
		}
	}
	for _, f := range answer.refused {
		if i, ok := position(deref(f.Id), errs); ok {
			errs[i] = refusal(f)
		}
	}
	return errs
}

var errUnanswered = errors.New("the reply does not mention the entry")

func position(id string, errs []error) (int, bool) {
	i, err := strconv.Atoi(id)
	return i, err == nil && i >= 0 && i < len(errs)
}

// refused is the error of an entry, of the kind that the SDK makes of a refused
// request: errors.As finds a smithy.APIError in it.
type refused struct{ *smithy.GenericAPIError }

func (e refused) Unwrap() error { return e.GenericAPIError }

func refusal(f types.BatchResultErrorEntry) error {
	e := &smithy.GenericAPIError{Code: deref(f.Code), Message: deref(f.Message), Fault: smithy.FaultServer}
	if f.SenderFault {
		e.Fault = smithy.FaultClient
	}
	return refused{e}
}

// passing reports whether sending an entry again may help: not if the entry is
// wrong in itself, and not if the request got an error that ends a run.
func passing(err error) bool {
	if e, ok := err.(refused); ok {
		return e.Fault != smithy.FaultClient
	}
	return !fatal(err)
}

// deleted hears the end of a delete.
func (s *settler) deleted(m *Message, err error) {
	switch {
	case err == nil && time.Now().Before(m.expires):
		s.memory.forget(m.ID)
	case err == nil:
		// By then SQS may have delivered m again, and a delete by an outdated
		// receipt handle is answered with success but need not delete.
		s.memory.keep(m.ID)
	default:
		s.memory.keep(m.ID)
		s.undeleted.Add(1)
		s.unsettled(m, "DeleteMessageBatch", err)
		if _, ok := err.(refused); !ok && fatal(err) {
			// Every message would be handled again and again.
			err = fmt.Errorf("worker: delete from %q: %w", s.run.queue.name, s.run.explain(err))
			s.run.halt(&haltError{err})
		}
	}
}

// changed hears the end of a change of visibility. If it was not made, the
// message comes back when its visibility timeout runs out.
func (s *settler) changed(m *Message, err error) {
	if err != nil {
		s.unsettled(m, "ChangeMessageVisibilityBatch", err)
	}
}

func (s *settler) unsettled(m *Message, action string, err error) {
	s.run.event(s.run.values, Event{Kind: EventUnsettled, Action: action, Message: m, Err: err})
}
