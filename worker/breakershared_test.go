package worker_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/quayside-go/quayside/worker"
)

// A worker may start while another that shares its breaker has it change its state.
func TestBreakerSharedWithOneThatStarts(t *testing.T) {
	t.Parallel()
	b := worker.NewBreaker(func(o *worker.BreakerOptions) { o.Failures, o.Window = 1, 1 })
	q := newLocal(t, "orders")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { b.Done(&worker.Message{}, errors.New("broken")) })
		wg.Go(func() {
			w := worker.New(q, "orders", worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil }),
				func(o *worker.Options) { o.Gates = []worker.Gate{b} })
			if err := w.Run(ctx); err != nil {
				t.Errorf("Run = %v", err)
			}
		})
	}
	wg.Wait()
}
