package worker_test

import (
	"context"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/worker"
)

func ExampleMux() {
	type Paid struct{ Order string }
	type Shipped struct{ Order, Parcel string }

	x := worker.NewMux(worker.ByType) // the producer's Message.Type
	x.Route("order.paid", worker.JSON(func(ctx context.Context, p Paid) error {
		fmt.Println("pack order", p.Order)
		return nil
	}))
	quick := func(next worker.Handler) worker.Handler { // middleware of this route alone
		return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			ctx, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			return next.Handle(ctx, m)
		})
	}
	x.Route("order.shipped", worker.JSON(func(ctx context.Context, s Shipped) error {
		fmt.Println("tell where parcel", s.Parcel, "is")
		return nil
	}), quick)

	// In a program: worker.New(client, "orders", x).Run(ctx)
	for _, m := range []*worker.Message{
		{Type: "order.paid", Body: `{"Order":"42"}`},
		{Type: "order.shipped", Body: `{"Order":"42","Parcel":"7"}`},
		{Type: "order.lost", Body: `{}`},
	} {
		if err := x.Handle(context.Background(), m); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// pack order 42
	// tell where parcel 7 is
	// dead-letter: no route for message type "order.lost"
}

func ExampleMux_Otherwise() {
	x := worker.NewMux(worker.ByField("detail", "kind"))
	x.Route("paid", worker.HandlerFunc(func(context.Context, *worker.Message) error {
		fmt.Println("paid")
		return nil
	}))
	// The queue's other users send much that this service has no use for.
	x.Otherwise(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		return worker.Discard(fmt.Errorf("nothing to do for %s", m.Body))
	}))
	for _, body := range []string{`{"detail":{"kind":"paid"}}`, `{"detail":{"kind":"seen"}}`, `paid`} {
		if err := x.Handle(context.Background(), &worker.Message{Body: body}); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// paid
	// discard: nothing to do for {"detail":{"kind":"seen"}}
	// route: decode body as object with a string at "detail"."kind": invalid character 'p' looking for beginning of value
}

// A route may be chosen by anything a message has, here by who sent it.
func ExampleNewMux() {
	x := worker.NewMux(func(m *worker.Message) (string, error) {
		if m.Group == "" {
			return "", worker.Discard(fmt.Errorf("message %s has no group", m.ID))
		}
		return m.Group, nil
	})
	x.Route("tenant-1", worker.HandlerFunc(func(context.Context, *worker.Message) error {
		fmt.Println("for tenant 1")
		return nil
	}))
	fmt.Println(x.Handle(context.Background(), &worker.Message{ID: "a", Group: "tenant-1"}))
	fmt.Println(x.Handle(context.Background(), &worker.Message{ID: "b"}))
	// Output:
	// for tenant 1
	// <nil>
	// route: discard: message b has no group
}
