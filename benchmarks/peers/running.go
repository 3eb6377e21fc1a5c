package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/sqshttp"
)

// running is a peer at work in this process, until it is stopped.
type running struct {
	stop  context.CancelFunc
	over  *sqshttp.Client
	ended chan struct{} // closed once err is set
	err   error
}

// begin has a peer handle the messages of a queue, over a client of its own. The caller stops it with end; it stops
// after patience at the latest.
func (b *bench) begin(p peer, s *remote.Server, queue string, away time.Duration, h handler) *running {
	ctx, stop := context.WithTimeout(b.ctx, patience)
	r := &running{stop: stop, over: sdk.Far(away), ended: make(chan struct{})}
	client := sdk.New(s.URL(), r.over)
	go func() {
		defer close(r.ended)
		r.err = p.work(ctx, client, queue, h)
	}()
	return r
}

// end stops the peer and returns when it has ended, with its error.
func (r *running) end() error {
	r.stop()
	defer r.over.CloseIdleConnections()
	select {
	case <-r.ended:
		return r.err
	case <-time.After(patience):
		return fmt.Errorf("it did not end within %v", patience)
	}
}

// during waits for d. It returns early, with an error, if the peer ends.
func (r *running) during(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-r.ended:
		return errors.Join(errors.New("it ended by itself"), r.err)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// about is a handler that takes d on average: at random from half of it to one and a half.
func about(d time.Duration) handler {
	return func(ctx context.Context, _ string) error {
		if d == 0 {
			return nil
		}
		return sdk.Rest(ctx, d/2+rand.N(d))
	}
}
