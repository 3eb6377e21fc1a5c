package middleware_test

import (
	"context"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// Films take hours, pictures must not: each route has a limit of its own.
func ExampleExtendVisibility() {
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("uploads")
	ctx, stop := context.WithCancel(context.Background())

	x := worker.NewMux(worker.ByType)
	x.Route("film", worker.HandlerFunc(func(context.Context, *worker.Message) error {
		fmt.Println("a film, which may take six hours")
		stop()
		return nil
	}), middleware.ExtendVisibility(6*time.Hour))
	x.Route("picture", worker.HandlerFunc(func(context.Context, *worker.Message) error {
		return nil
	}), middleware.ExtendVisibility(time.Minute))

	p := producer.New(q, "uploads")
	if _, err := p.Send(ctx, producer.Message{Type: "film", Body: "Nosferatu"}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(worker.New(q, "uploads", x).Run(ctx))
	// Output:
	// a film, which may take six hours
	// <nil>
}
