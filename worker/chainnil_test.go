package worker_test

import (
	"context"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/worker"
)

// Run reports a handler that is nil also behind middleware. Otherwise every message would
// be tried in vain, and go to the dead-letter queue.
func TestChainOfNil(t *testing.T) {
	t.Parallel()
	through := func(next worker.Handler) worker.Handler {
		return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error { return next.Handle(ctx, m) })
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, h := range map[string]worker.Handler{
		"nil": nil, "function": worker.HandlerFunc(nil), "JSON": worker.JSON[int](nil), "chain": worker.Chain(through)(nil),
	} {
		err := worker.New(newLocal(t, "orders"), "orders", worker.Chain(through)(h)).Run(ctx)
		if err == nil || !strings.Contains(err.Error(), "the handler is nil") {
			t.Errorf("%s: Run = %v, want that the handler is nil", name, err)
		}
	}
}
