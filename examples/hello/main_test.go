package main

import (
	"os"
	"strings"
	"testing"
)

func Example() {
	main()
	// Output: shipped order 42
}

// TestReadme holds the README to the program that is run above.
func TestReadme(t *testing.T) {
	t.Parallel()
	program, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, found := strings.Cut(string(program), "type Order struct")
	if !found {
		t.Fatal("main.go has no type Order")
	}
	if !strings.Contains(string(readme), "```go\ntype Order struct"+code+"```\n") {
		t.Error("README.md does not show examples/hello as it is, from type Order to the end")
	}
}
