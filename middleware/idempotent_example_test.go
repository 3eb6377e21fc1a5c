package middleware_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// The sender may repeat an order, in messages with ids of their own, but not its number.
func ExampleIdempotent() {
	store := middleware.NewMemoryStore() // for several processes: a Store in a database
	once := middleware.Idempotent(store, func(o *middleware.IdempotentOptions) {
		o.Key = func(m *worker.Message) (string, error) {
			if number := m.Attributes["Order"].StringValue; number != nil {
				return *number, nil
			}
			return "", worker.DeadLetter(errors.New("no order number"))
		}
	})
	h := once(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		fmt.Println("ship order", *m.Attributes["Order"].StringValue)
		return nil
	}))

	// In a program: worker.New(client, "orders", h).Run(ctx)
	for range 3 {
		m := &worker.Message{Queue: "orders", Attributes: attributes{"Order": text("42")}}
		fmt.Println(h.Handle(context.Background(), m))
	}
	fmt.Println(h.Handle(context.Background(), &worker.Message{Queue: "orders"}))
	// Output:
	// ship order 42
	// <nil>
	// <nil>
	// <nil>
	// idempotency key: dead-letter: no order number
}
