package main

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// The function and the service make the same of the orders.
func TestShow(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("programs are ended by an interrupt, which Windows does not send")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("go is not in the path: ", err)
	}
	var out strings.Builder
	if err := show(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	want := "dead 3, discarded 5, retried 2, shipped 1 2 4 6; 1 in the dead-letter queue, 0 left\n"
	if got := out.String(); got != "function: "+want+"service:  "+want {
		t.Errorf("got\n%s", got)
	}
}
