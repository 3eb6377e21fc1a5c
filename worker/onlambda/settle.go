package onlambda

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/quayside-go/quayside/worker"
)

// settle asks SQS for what is to become of the messages, until requests end, and a little
// longer for what the client and the hook still have to do then. No handler runs any more
// whose return counts.
func (b *batch) settle(requests context.Context, grace time.Duration) {
	asked := make(map[*worker.Session][]worker.Settlement)
	now := time.Now()
	for _, c := range b.chains {
		for _, r := range slices.Backward(c.records) { // those that were not begun, then the one that failed
			if r.settled.Message == nil {
				r.settled = worker.Settlement{Message: r.message, Outcome: worker.Released, Err: b.why(c)}
			} else if r.settled.Again > 0 {
				r.settled.Again = max(r.settled.Again-now.Sub(r.at), 0)
			}
			for _, other := range slices.Backward(r.again) {
				again := r.settled
				again.Message = other.message
				asked[other.session] = append(asked[other.session], again)
			}
			asked[r.session] = append(asked[r.session], r.settled)
		}
	}
	var all sync.WaitGroup
	for s, ss := range asked {
		all.Go(func() {
			defer func() { _ = recover() }() // of the client or the hook: what is not asked for comes back by itself
			s.Settle(ss)
		})
	}
	settled := make(chan struct{})
	go func() {
		all.Wait()
		close(settled)
	}()
	select {
	case <-settled:
		return
	case <-requests.Done():
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case <-settled:
	case <-late.C: // the client does not heed its context
	}
}

// why says why messages of c were not begun.
func (b *batch) why(c *chain) error {
	if b.ended != nil {
		return b.ended
	}
	return errStopped
}

// response names what is not to be deleted.
func (b *batch) response() events.SQSEventResponse {
	failed := []events.SQSBatchItemFailure{} // in JSON, [] and not null
	for _, r := range b.records {
		if !r.settled.Finished() {
			failed = append(failed, events.SQSBatchItemFailure{ItemIdentifier: r.id})
		}
	}
	return events.SQSEventResponse{BatchItemFailures: failed}
}
