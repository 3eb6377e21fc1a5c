package worker_test

import (
	"context"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/worker"
)

func ExampleBatch() {
	type Reading struct{ Sensor, Celsius int }
	q := fill(`{"Sensor":1,"Celsius":20}`, `{"Sensor":2,"Celsius":-300}`, `{"Sensor":3,"Celsius":22}`)
	defer q.Close()
	ctx, stop := context.WithCancel(context.Background())

	// One INSERT for up to three readings, none of which waits longer than a second.
	insert := worker.Batch(3, time.Second, func(ctx context.Context, rs []Reading) []error {
		defer stop()
		errs := make([]error, len(rs))
		for i, r := range rs {
			if r.Celsius < -273 {
				m := worker.BatchMessages(ctx)[i]
				errs[i] = worker.DeadLetter(fmt.Errorf("sensor %d is broken: %s", r.Sensor, m.Body))
				fmt.Println(errs[i])
			}
		}
		fmt.Println("insert", len(rs)-1, "of", len(rs), "readings")
		return errs
	})
	fmt.Println("Run:", worker.New(q, "orders", insert).Run(ctx))
	// Output:
	// dead-letter: sensor 2 is broken: {"Sensor":2,"Celsius":-300}
	// insert 2 of 3 readings
	// Run: <nil>
}
