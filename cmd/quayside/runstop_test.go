package main

import (
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestRunStops asks a command to stop in the middle of an invocation, which ends well; and one
// twice, which ends at once, with what is in flight still in the directory; a terminal that ends
// says so more than once, and asks once. Only who is asked once asks the function's process to
// end. All report the invocation.
func TestRunStops(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, takes string
		signals     []os.Signal
		status      int
		want        string
		total       string
		left        int
	}{
		{"once", "1s", []os.Signal{syscall.SIGTERM}, exitOK, "total: ", "total: 1 invocation, 0 of them failed; 1 record, 0 of them failed", 0},
		{"terminal", "1s", []os.Signal{syscall.SIGHUP, syscall.SIGHUP}, exitOK, "total: ", "total: 1 invocation, 0 of them failed; 1 record, 0 of them failed", 0},
		{"twice", "1h", []os.Signal{syscall.SIGTERM, syscall.SIGTERM}, exitFailure, "quayside: stopped at once; what was running comes back when its visibility timeout ends", "total: 1 invocation, 1 of them failed; 1 record, 1 of them failed", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if signal.Ignored(syscall.SIGHUP) && c.signals[0] == syscall.SIGHUP {
				t.Skip("SIGHUP is ignored here, as by nohup")
			}
			addr, gone := alive(t)
			dir := filepath.Join(t.TempDir(), "queues")
			r := startRun(t, []string{"QUAYSIDE_TEST_TAKES=" + c.takes, "QUAYSIDE_TEST_ALIVE=" + addr},
				"--addr", "127.0.0.1:0", "--dir", dir, "--queue", "orders", "--exec", "'"+os.Args[0]+"'", "--timeout", "30s", "--concurrency", "1")
			sendOne(t, r.client(), r.queue("orders"))
			r.until(t, "begun")
			r.signal(t, c.signals[0])
			r.until(t, "stopping: running")
			for _, s := range c.signals[1:] {
				r.signal(t, s)
			}
			status, last := r.wait(t)
			if status != c.status || !strings.HasPrefix(last, c.want) || !strings.Contains(r.said, c.total+"\n") {
				t.Errorf("exit status %d, %q:\n%s", status, last, r.said)
			}
			if asked := strings.Contains(r.said, "asked to end\n"); asked != (c.status == exitOK) {
				t.Errorf("the process was asked to end: %t", asked)
			}
			gone()
			after := start(t, "--dir", dir)
			if n := counts(t, after.client(), after.queue("orders")); n != c.left {
				t.Errorf("%d messages are left, want %d", n, c.left)
			}
		})
	}
}

// TestRunStopsUnread asks a command to stop at once whose standard error nobody reads, and is
// full: it ends all the same.
func TestRunStopsUnread(t *testing.T) {
	t.Parallel()
	r := startRun(t, []string{"QUAYSIDE_TEST_CHATTER=1"}, "--addr", "127.0.0.1:0", "--queue", "orders", "--exec", "'"+os.Args[0]+"'")
	defer time.AfterFunc(late, func() { _ = r.cmd.Process.Kill() }).Stop()
	sendOne(t, r.client(), r.queue("orders"))
	for end := time.Now().Add(late); len(r.lines) < cap(r.lines); runtime.Gosched() { // the pipe is full soon
		if time.Now().After(end) {
			t.Fatal("the function is silent")
		}
	}
	r.signal(t, os.Interrupt)
	r.signal(t, syscall.SIGTERM)
	state, err := r.cmd.Process.Wait()
	if err != nil || state.ExitCode() != exitFailure {
		t.Errorf("exit status %v, %v", state, err)
	}
	r.wait(t)
}

// TestRunStopsAlone asks a command to stop after who read its standard error has gone, as tee
// does at Ctrl-C: the invocation may end all the same.
func TestRunStopsAlone(t *testing.T) {
	t.Parallel()
	r := startRun(t, []string{"QUAYSIDE_TEST_TAKES=1s"}, "--addr", "127.0.0.1:0", "--queue", "orders", "--exec", "'"+os.Args[0]+"'", "--timeout", "30s")
	sendOne(t, r.client(), r.queue("orders"))
	r.until(t, "begun")
	r.stderr.Close()
	r.signal(t, os.Interrupt)
	if status, _ := r.wait(t); status != exitOK {
		t.Errorf("it ended with %v", r.cmd.ProcessState)
	}
	if text, err := os.ReadFile(r.handled); err != nil || string(text) != "7\n" {
		t.Errorf("the function handled %q, %v", text, err)
	}
}
