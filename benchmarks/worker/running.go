package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/worker"
)

// running is a worker that runs until it is stopped.
type running struct {
	stop  context.CancelFunc
	ended chan struct{} // closed once err is set
	err   error

	mu    sync.Mutex
	asked map[string]asked // by action
}

// asked is what a worker's hook was told of the requests of one action.
type asked struct{ requests, messages int }

// start has a worker handle the messages of a queue. The caller stops it with end, also after an error of
// its own; it stops after patience at the latest.
func (b *bench) start(client *sqs.Client, queue string, concurrency int, h worker.HandlerFunc) *running {
	ctx, stop := context.WithTimeout(b.ctx, patience)
	r := &running{stop: stop, ended: make(chan struct{}), asked: map[string]asked{}}
	w := worker.New(client, queue, h, func(o *worker.Options) {
		o.Concurrency = concurrency
		o.DrainTimeout = 10 * time.Second
		o.Hook = r.hook
	})
	go func() {
		defer close(r.ended)
		r.err = w.Run(ctx)
	}()
	return r
}

// end stops the worker and returns when it has drained, with its error. What a drain leaves is none: nobody
// handles that queue any more, and nothing is counted of it.
func (r *running) end() error {
	r.stop()
	<-r.ended
	if _, ok := errors.AsType[*worker.DrainError](r.err); ok {
		return nil
	}
	return r.err
}

// hook counts requests that were answered.
func (r *running) hook(_ context.Context, e worker.Event) {
	if e.Kind != worker.EventRequest || errors.Is(e.Err, worker.ErrDraining) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.asked[e.Action]
	r.asked[e.Action] = asked{a.requests + 1, a.messages + len(e.Messages)}
}

// so returns what was asked so far.
func (r *running) so() map[string]asked {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := map[string]asked{}
	for action, a := range r.asked {
		got[action] = a
	}
	return got
}

// during waits for d. It returns early, with an error, if the worker ends.
func (r *running) during(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-r.ended:
		return errors.Join(errors.New("the worker ended by itself"), r.err)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// parked waits until the worker waits for messages.
func (r *running) parked(ctx context.Context, s *remote.Server, queue string) error {
	for {
		c, err := s.Counts(ctx, queue)
		if err != nil || c.Requests["ReceiveMessage"] > 0 {
			return err
		}
		if err := r.during(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}
