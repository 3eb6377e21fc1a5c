package middleware_test

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// The printer takes one job at a time, whoever sends it; the other routes of the worker
// may use its 20 handlers.
func ExampleConcurrency() {
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("jobs")
	ctx, stop := context.WithCancel(context.Background())

	var running, most, done atomic.Int64
	toPrint := worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		if n := running.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer running.Add(-1)
		if done.Add(1) == 10 {
			stop()
		}
		return nil
	})
	printer := middleware.Concurrency(1)
	x := worker.NewMux(worker.ByType)
	x.Route("invoice", toPrint, printer)
	x.Route("letter", toPrint, printer)

	p := producer.New(q, "jobs")
	for i := range 10 {
		typ := []string{"invoice", "letter"}[i%2]
		if _, err := p.Send(ctx, producer.Message{Type: typ, Body: fmt.Sprint(i)}); err != nil {
			fmt.Println(err)
		}
	}
	w := worker.New(q, "jobs", x, func(o *worker.Options) { o.Concurrency = 20 })
	fmt.Println(w.Run(ctx))
	fmt.Println(done.Load(), "printed,", most.Load(), "at a time")
	// Output:
	// <nil>
	// 10 printed, 1 at a time
}
