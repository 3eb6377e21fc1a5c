// Package shipping is the handler of the example, which knows neither of Lambda nor of
// workers' queues: function and service run it.
package shipping

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// Order is the body of a message.
type Order struct{ ID, Address string }

// Handler ships orders, and says what it does on standard output.
func Handler() worker.Handler { return worker.JSON(ship) }

func ship(ctx context.Context, o Order) error {
	m, _ := worker.FromContext(ctx)
	switch {
	case o.Address == "":
		fmt.Println("dead", o.ID)
		return worker.DeadLetter(errors.New("the order has no address"))
	case o.Address == "cancelled":
		fmt.Println("discarded", o.ID)
		return worker.Discard(errors.New("the order was cancelled"))
	case o.Address == "moving" && m.Receives == 1:
		fmt.Println("retried", o.ID)
		return worker.RetryAfter(time.Second, errors.New("nobody is at home"))
	}
	fmt.Println("shipped", o.ID)
	return nil
}
