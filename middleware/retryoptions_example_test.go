package middleware_test

import (
	"fmt"
	"time"

	"github.com/quayside-go/quayside/middleware"
)

func ExampleExponential() {
	b := middleware.Exponential(time.Second, 3*time.Second)
	for _, limit := range []time.Duration{1 * time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second} {
		d := b.NextBackOff()
		fmt.Println("up to", limit, 0 < d && d <= limit)
	}
	// Output:
	// up to 1s true
	// up to 2s true
	// up to 3s true
	// up to 3s true
}
