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
	// level=INFO msg=handled attempts=1 outcome=done body=fine
	// level=INFO msg=handled attempts=3 outcome=done body=flaky
	// level=ERROR msg=handled attempts=3 outcome=dead-lettered error="dead-letter: handler timed out: context deadline exceeded" body=slow
	// level=ERROR msg=handled attempts=3 outcome=dead-lettered error="dead-letter: handler panicked: nil map" body=panics
	// level=ERROR msg=handled attempts=1 outcome=dead-lettered error="dead-letter: no such customer" body=hopeless
	// dead: slow: handler timed out: context deadline exceeded
	// dead: panics: handler panicked: nil map
	// dead: hopeless: no such customer
}
