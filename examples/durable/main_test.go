package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestMain is the example itself in the processes that the test starts, and those that these start.
func TestMain(m *testing.M) {
	if os.Getenv("DURABLE") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestDurable compares the ids sent with those received, in their order.
func TestDurable(t *testing.T) {
	t.Parallel()
	example := exec.Command(os.Args[0])
	example.Env = append(os.Environ(), "DURABLE=1")
	said, err := example.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	ids := map[string][]string{}
	for line := range strings.Lines(string(said)) {
		if word := strings.Fields(line); len(word) >= 2 {
			ids[word[0]] = append(ids[word[0]], word[1])
		}
	}
	sent, received := strings.Join(ids["sent"], " "), strings.Join(ids["received"], " ")
	if len(ids["sent"]) != 3 || sent != received {
		t.Errorf("sent %s, received %s:\n%s", sent, received, said)
	}
	if !strings.Contains(string(said), "found again: 2 queues, 3 messages\n") {
		t.Errorf("said:\n%s", said)
	}
}
