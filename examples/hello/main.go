// Hello is the README's fifteen lines: one order sent, one order shipped.
//
//	go run ./examples/hello
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

type Order struct{ ID string }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)

	q := localqueue.New() // in production: sqs.NewFromConfig(cfg), and no MustCreate
	q.MustCreate("orders -> orders-dlq")

	p := producer.New(q, "orders")
	if _, err := p.Send(ctx, producer.JSON(Order{ID: "42"})); err != nil {
		log.Fatal(err)
	}
	ship := func(ctx context.Context, o Order) error {
		fmt.Println("shipped order", o.ID)
		stop() // a service runs until Ctrl-C; hello ends with its one order
		return nil
	}
	if err := worker.New(q, "orders", worker.JSON(ship)).Run(ctx); err != nil {
		log.Fatal(err)
	}
}
