package worker

import (
	"context"
	"time"
)

const (
	// gather is how long a poll waits for more permits to become free, so that
	// under load messages are received by tens.
	gather = 100 * time.Millisecond
	// backlog bounds how many messages that are done may wait for their deletes,
	// in multiples of Options.Concurrency. Beyond that nothing is received.
	backlog = 10
)

// maxUndeleted is backlog in messages.
func (r *run) maxUndeleted() int { return backlog * r.opts.Concurrency }

// takePermits waits for a permit and takes up to ten. If there are fewer, which
// is so only while something is running, it waits a little for more. It returns
// 0 if ctx ends first.
//
// A chain of messages holds one permit, so that nothing is received that could
// not start at once, but for messages of one group.
func (r *run) takePermits(ctx context.Context) (n int) {
	if ctx.Err() != nil {
		return 0
	}
	select {
	case r.permits <- struct{}{}:
	case <-ctx.Done():
		return 0
	}
	t := time.NewTimer(gather)
	defer t.Stop()
	for n = 1; n < min(batchSize, cap(r.permits)); n++ {
		select {
		case r.permits <- struct{}{}:
		case <-t.C:
			return n
		case <-ctx.Done():
			r.freePermits(n)
			return 0
		}
	}
	return n
}

// freePermits gives n permits back.
func (r *run) freePermits(n int) {
	for range n {
		<-r.permits
	}
}
