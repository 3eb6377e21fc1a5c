package main

import (
	"context"
	"fmt"
	"os"
)

func Example() {
	if err := show(context.Background(), os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// SendAll: 1000 messages sent, more than 5 in a request
	// SendAsync: 1000 messages sent, more than 5 in a request
	// Send: 1000 messages sent, more than 5 in a request
	// producer: send to "orders": 1 of 3 messages failed; message 1: the body is empty
	// message 0: sent true
	// message 1: sent false
	// message 2: sent true
}
