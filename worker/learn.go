package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/internal/attr"
)

// adapt draws conclusions from a receive: how many pollers there should be, and
// whether all of them should rest.
func (f *fetcher) adapt(ctx context.Context, asked, got int, err error, took time.Duration, early bool) {
	r := f.run
	if attr.Fatal(err) || wrong(err) {
		r.halt(&haltError{fmt.Errorf("worker: receive from %q: %w", r.queue.name, r.explain(err))})
		return
	}
	f.learn(asked, got, err, took, early)
	f.spawn(ctx)
}

func (f *fetcher) learn(asked, got int, err error, took time.Duration, early bool) {
	now := time.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	together := now.Add(-took).Before(f.failed) // with a failure that is counted
	switch {
	case attr.Throttled(err):
		if !together {
			f.target = max(1, f.target/2)
		}
		f.growth.steady()
	case err != nil, got == 0:
		f.target = max(1, f.target-1)
		f.growth.steady()
	default:
		f.growth.received(now, got)
		if got == asked && took >= alone {
			f.target = f.growth.judge(now, took, f.target, f.most)
		}
		f.halfLocked(asked, got)
	}
	if got > 0 {
		f.empty = 0
	} else {
		f.empty++
	}
	if err == nil && (got > 0 || !early) {
		f.failures = 0
		f.run.stats.polled.Store(now.UnixNano())
	} else if !together {
		f.failures++
		f.failed, f.pause = now, now.Add(backoff(f.failures))
	}
	if err == nil {
		f.run.stats.failing.Store(nil)
	} else {
		f.failingLocked(err)
	}
}

// halfLocked ends a poller if half of them could bring what all do. f.mu must be held.
func (f *fetcher) halfLocked(asked, got int) {
	if 2*got >= asked {
		f.few = 0
		return
	}
	if f.few++; f.few >= f.target {
		f.target, f.few = max(1, f.target-1), 0
		f.growth.steady()
	}
}

// failingLocked is for Health. f.mu must be held.
func (f *fetcher) failingLocked(err error) {
	since := time.Now()
	if before := f.run.stats.failing.Load(); before != nil {
		since = before.since
	}
	f.run.stats.failing.Store(&failing{since, err})
}
