package worker_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// A hundred messages a second, and no more than five of them at once. A worker
// calls Take before it receives.
func ExampleRateLimit() {
	g := worker.RateLimit(100, 5)
	n, err := g.Take(context.Background(), 10)
	fmt.Println("receive", n, err)
	// Output:
	// receive 5 <nil>
}

func ExampleSwitch() {
	var s worker.Switch
	s.Pause()
	go func() { // for instance, an operator's request
		fmt.Println("paused:", s.Paused())
		s.Resume()
	}()
	n, err := s.Take(context.Background(), 10)
	fmt.Println("receive", n, err)
	// Output:
	// paused: true
	// receive 10 <nil>
}

// Nothing is received while the database does not answer; in production, check
// is db.PingContext.
func ExampleGateFunc() {
	check := func(context.Context) error {
		fmt.Println("ping")
		return nil
	}
	g := worker.GateFunc(check, 5*time.Second)
	for range 2 {
		n, err := g.Take(context.Background(), 10)
		fmt.Println("receive", n, err)
	}
	// Output:
	// ping
	// receive 10 <nil>
	// receive 10 <nil>
}

// Three failures in a row stop the receiving for five seconds. What is sold out
// says nothing about the database.
func ExampleNewBreaker() {
	errSoldOut := errors.New("sold out")
	b := worker.NewBreaker(func(o *worker.BreakerOptions) {
		o.Failures, o.Window = 3, 3
		byDefault := o.Failure
		o.Failure = func(m *worker.Message, err error) bool {
			return byDefault(m, err) && !errors.Is(err, errSoldOut)
		}
		o.OnChange = func(s worker.BreakerState, err error) { fmt.Println("receiving is", s, "because", err) }
	})
	n, _ := b.Take(context.Background(), 10)
	fmt.Println("receive", n)
	m := &worker.Message{Body: "an order"}
	down := errors.New("the database is down")
	for _, err := range []error{errSoldOut, down, down, errSoldOut, down} {
		b.Done(m, err) // the worker does this when a handler has returned
	}
	// Output:
	// receive 10
	// receiving is open because the database is down
}

// At most two messages of one tenant are handled at once.
func ExamplePerKey() {
	_ = worker.PerKey(2, func(m *worker.Message) string {
		if tenant := m.Attributes["tenant"].StringValue; tenant != nil {
			return *tenant
		}
		return "" // no limit
	})
}
