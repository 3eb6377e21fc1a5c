package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

func ExampleTimeout() {
	h := middleware.Timeout(time.Millisecond)(worker.HandlerFunc(func(ctx context.Context, _ *worker.Message) error {
		<-ctx.Done() // as every request made with ctx does
		return ctx.Err()
	}))
	err := h.Handle(context.Background(), &worker.Message{})
	fmt.Println(err)
	fmt.Println(errors.Is(err, middleware.ErrTimeout))
	// Output:
	// handler timed out: context deadline exceeded
	// true
}
