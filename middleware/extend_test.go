package middleware_test

import (
	"context"
	"testing"
	"time"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// The queue's visibility timeout is 30 s, of which a handler has 27 s if nothing is extended.
func TestExtendVisibility(t *testing.T) {
	t.Parallel()
	outer := middleware.ExtendVisibility(time.Hour)
	for name, test := range map[string]struct {
		mw    worker.Middleware
		lease time.Duration // the worker's
		want  time.Duration
	}{
		"less":     {middleware.ExtendVisibility(5 * time.Minute), time.Hour, 5 * time.Minute},
		"more":     {middleware.ExtendVisibility(5 * time.Minute), 0, 5 * time.Minute},
		"0":        {middleware.ExtendVisibility(0), time.Hour, 27 * time.Second},
		"negative": {middleware.ExtendVisibility(-time.Minute), time.Hour, 27 * time.Second},
		"nested":   {worker.Chain(outer, middleware.ExtendVisibility(time.Minute)), time.Second, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var held time.Duration
				var cause error
				h := worker.HandlerFunc(func(ctx context.Context, _ *worker.Message) error {
					began := time.Now()
					<-ctx.Done()
					held, cause = time.Since(began), context.Cause(ctx)
					return nil
				})
				r := onTrial(t, "orders", "orders", 1, test.mw(h), func(o *worker.Options) { o.MaxLease = test.lease })
				elapse(2 * time.Hour)
				r.drain()
				if held != test.want || cause != worker.ErrMaxLease {
					t.Errorf("the handler was cancelled after %v with %v, want %v and ErrMaxLease", held, cause, test.want)
				}
			})
		})
	}
}

// A message that no worker has received has no lease to limit.
func TestExtendVisibilityWithoutWorker(t *testing.T) {
	t.Parallel()
	h := newScript(errFlaky)
	if err := middleware.ExtendVisibility(time.Second)(h).Handle(t.Context(), &worker.Message{}); err != errFlaky {
		t.Errorf("Handle = %v, want %v", err, errFlaky)
	}
}
