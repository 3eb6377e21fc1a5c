package middleware_test

import (
	"context"
	"testing"
	"time"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// A delete waits while another handler runs: message 1 does.
func TestBatchDelete(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mw   worker.Middleware
		want time.Duration
	}{
		"longer":   {middleware.BatchDelete(3 * time.Second), 3 * time.Second},
		"0":        {middleware.BatchDelete(0), 0},
		"negative": {middleware.BatchDelete(-time.Hour), 0},
		"nested":   {worker.Chain(middleware.BatchDelete(time.Hour), middleware.BatchDelete(2*time.Second)), 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
					if d := m.Policy().DeleteWithin; d != test.want {
						t.Errorf("DeleteWithin is %v, want %v", d, test.want)
					}
					if m.Body == "1" {
						time.Sleep(time.Minute)
					}
					return nil
				})
				r := onTrial(t, "orders", "orders", 2, test.mw(h))
				if elapse(test.want - 1); test.want > 0 && r.requests("DeleteMessageBatch") != 0 {
					t.Errorf("deleted before %v", test.want)
				}
				if elapse(1); r.requests("DeleteMessageBatch") != 1 {
					t.Errorf("%d deletes after %v, want 1", r.requests("DeleteMessageBatch"), test.want)
				}
				elapse(2 * time.Minute)
				r.holds("orders", "0", "0")
			})
		})
	}
}
