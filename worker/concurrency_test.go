package worker_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
)

func TestConcurrency(t *testing.T) {
	t.Parallel()
	q := localqueue.New()
	defer q.Close()
	for _, test := range []struct {
		name    string
		options func(*worker.Options)
		want    int
	}{
		{"default", func(*worker.Options) {}, max(4*runtime.GOMAXPROCS(0), 10)},
		{"its own", func(o *worker.Options) { o.Concurrency = 3 }, 3},
		{"a pool's", func(o *worker.Options) { o.Pool = worker.NewPool(7) }, 7},
	} {
		w := worker.New(q, "jobs", worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil }), test.options)
		if got := w.Concurrency(); got != test.want {
			t.Errorf("%s: Concurrency() = %d, want %d", test.name, got, test.want)
		}
	}
}
