package middleware_test

import (
	"context"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// To handle a click twice does no harm, so its delete may wait for nine others.
func ExampleBatchDelete() {
	count := worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		fmt.Println("deleted within", m.Policy().DeleteWithin)
		return nil
	})
	x := worker.NewMux(worker.ByType)
	x.Route("click", count, middleware.BatchDelete(5*time.Second))
	x.Route("order", count, middleware.BatchDelete(0))
	x.Otherwise(count)

	// In a program: worker.New(client, "events", x).Run(ctx)
	for _, typ := range []string{"click", "order", "view"} {
		if err := x.Handle(context.Background(), &worker.Message{Type: typ}); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// deleted within 5s
	// deleted within 0s
	// deleted within 100ms
}
