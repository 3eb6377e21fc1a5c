package onlambda_test

import (
	"context"
	"testing"
	"time"

	"github.com/quayside-go/quayside/worker"
	"github.com/quayside-go/quayside/worker/onlambda"
)

// The hook takes its time over a handler that has returned in the last moment:
// the response leaves before the deadline all the same.
func TestSlowHook(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		h := onlambda.Handler(worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil }), func(o *onlambda.Options) {
			o.Hook = func(context.Context, worker.Event) { time.Sleep(time.Minute) }
		})
		start := time.Now()
		_, err := h(ctx, event("1", "2"))
		if took := time.Since(start); err != nil || took >= 10*time.Second {
			t.Errorf("the response took %v of 10s: %v", took, err)
		}
		time.Sleep(time.Hour) // until the hook has returned
	})
}
