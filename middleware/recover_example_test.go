package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// With a panic made an error, what is around it can decide: here, that there is no
// use in trying again.
func ExampleRecover() {
	panicked := func(err error) bool { return errors.As(err, new(*worker.PanicError)) }
	h := worker.Chain(
		middleware.DeadLetter(0, panicked),
		middleware.Recover(),
	)(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		fields := strings.Split(m.Body, ",")
		fmt.Println("price:", fields[1])
		return nil
	}))
	fmt.Println(h.Handle(context.Background(), &worker.Message{Body: "tea"}))
	// Output:
	// dead-letter: handler panicked: runtime error: index out of range [1] with length 1
}
