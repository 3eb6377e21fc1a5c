package eventsource_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/internal/eventsource"
)

// TestOpen has what Lambda refuses, and the words for it.
func TestOpen(t *testing.T) {
	t.Parallel()
	q := queue(t, "orders")
	q.MustCreate("jobs.fifo")
	for _, c := range []struct {
		queue   string
		batch   int
		window  time.Duration
		timeout time.Duration
		want    string // "": it is fine
	}{
		{"orders", 10, 0, time.Second, ""},
		{"orders", 10_000, time.Second, time.Second, ""},
		{"orders", 1, 300 * time.Second, time.Second, ""},
		{"orders", 10, 0, 30 * time.Second, ""},
		{"jobs.fifo", 10, 0, time.Second, ""},
		{"none", 10, 0, time.Second, "queue none: "},
		{"orders", 0, 0, time.Second, "batch size 0: want 1 to 10000 messages"},
		{"orders", 10_001, time.Second, time.Second, "batch size 10001: want 1 to 10000 messages"},
		{"orders", 11, 0, time.Second, "batch size 11: over 10 messages need a batching window of 1s or more"},
		{"orders", 10, 301 * time.Second, time.Second, "batching window 5m1s: want 0s to 5m0s"},
		{"orders", 10, -1, time.Second, "batching window -1ns: want 0s to 5m0s"},
		{"jobs.fifo", 11, 0, time.Second, "batch size 11: a FIFO queue has batches of 1 to 10 messages"},
		{"jobs.fifo", 10, time.Second, time.Second, "batching window: a FIFO queue has none"},
		{"orders", 10, 0, 0, "function timeout 0s: want more than nothing"},
		{"orders", 10, 0, 31 * time.Second, "its visibility timeout, 30s, is below the function's timeout, 31s, which Lambda refuses: set VisibilityTimeout to 186 (six times the timeout), or lower the timeout"},
	} {
		_, err := eventsource.Open(context.Background(), q, c.queue, func(o *eventsource.Options) {
			o.BatchSize, o.Window, o.Timeout = c.batch, c.window, c.timeout
		})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestAdvice(t *testing.T) {
	t.Parallel()
	q := queue(t, "orders")
	for timeout, want := range map[time.Duration]string{
		5 * time.Second: "",
		6 * time.Second: "the visibility timeout, 30s, is below six times the function's timeout plus the batching window, which AWS advises: 36s",
	} {
		m := open(t, q, "orders", func(o *eventsource.Options) { o.Timeout = timeout })
		if got := m.Advice(); got != want {
			t.Errorf("timeout %v: %q", timeout, got)
		}
	}
}
