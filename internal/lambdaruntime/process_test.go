package lambdaruntime_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/internal/lambdaruntime"
)

// TestLambdaStart drives a function of aws-lambda-go: what it returns, and all the ways in
// which it may not return.
func TestLambdaStart(t *testing.T) {
	t.Parallel()
	var out buffer
	p := pool(t, modeLambda, func(o *lambdaruntime.Options) { o.Stdout = &out })
	pid := func() string {
		t.Helper()
		got, err := invoke(t, p, "pid", "")
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first := pid()
	if got, err := invoke(t, p, "echo", "hello"); err != nil || got != `"hello"` {
		t.Errorf("echo: %s, %v", got, err)
	}
	_, err := invoke(t, p, "fail", "no stock")
	wantError(t, err, "customError", "no stock")
	if _, err := invoke(t, p, "print", "half a line"); err != nil {
		t.Error(err)
	}
	if got := pid(); got != first {
		t.Error("another process, without a reason")
	}
	_, err = invoke(t, p, "stream", "")
	wantError(t, err, "customError", "the stream broke")

	for _, c := range []struct{ do, kind, message string }{
		{"panic", "string", "oops"},
		{"exit", "Runtime.ExitError", "the process exited: exit status 3"},
		{"large", "Function.ResponseSizeTooLarge", "the response is larger than 6291556 bytes"},
	} {
		before := pid()
		_, err := invoke(t, p, c.do, "oops")
		wantError(t, err, c.kind, c.message)
		if pid() == before {
			t.Errorf("%s: the process goes on", c.do)
		}
	}
	p.Close()
	if !strings.Contains(out.String(), "half a line\n") {
		t.Errorf("printed %q", out.String())
	}
	if _, err := p.Acquire(t.Context()); !errors.Is(err, lambdaruntime.ErrClosed) {
		t.Errorf("acquired from a closed pool: %v", err)
	}
}

// TestTimeout has an invocation that hangs: the process is killed, and another one started.
func TestTimeout(t *testing.T) {
	t.Parallel()
	p := pool(t, modeLambda, func(o *lambdaruntime.Options) { o.Timeout = 1500 * time.Millisecond })
	for range 2 {
		_, err := invoke(t, p, "hang", "")
		wantError(t, err, "Sandbox.Timedout", "task timed out after 1.50 seconds")
	}
}

// TestCannotStart has a process that exits at once: it is tried again after pauses, told each
// time, and nothing can be acquired.
func TestCannotStart(t *testing.T) {
	t.Parallel()
	down := make(chan error, 100)
	var errs buffer
	p := pool(t, modeExit, func(o *lambdaruntime.Options) {
		o.OnDown = func(err error) { down <- err }
		o.Concurrency, o.Stderr = 10, &errs
	})
	ctx, cancel := context.WithCancel(t.Context())
	acquired := make(chan error, 1)
	given, up := context.WithCancel(t.Context())
	up()
	began := time.Now()
	for range 5 { // who asks again has no more processes started
		_, _ = p.Acquire(given)
	}
	go func() {
		_, err := p.Acquire(ctx)
		acquired <- err
	}()
	for range 3 {
		wantError(t, got(t, down), "Runtime.ExitError", "the process exited before it asked for an event: exit status 7")
	}
	if took := time.Since(began); took < 750*time.Millisecond {
		t.Errorf("three starts within %v: there are no pauses", took)
	}
	cancel()
	if err := got(t, acquired); !errors.Is(err, context.Canceled) {
		t.Errorf("acquired: %v", err)
	}
	p.Close()
	if got := strings.Count(errs.String(), "no reason\n"); got < 3 {
		t.Errorf("printed %q", errs.String())
	}
}

// TestInitTimeout has a process that never asks for an event.
func TestInitTimeout(t *testing.T) {
	t.Parallel()
	down := make(chan error, 100)
	p := pool(t, modeSilent, func(o *lambdaruntime.Options) {
		o.InitTimeout, o.OnDown = 50*time.Millisecond, func(err error) { down <- err }
	})
	go p.Acquire(t.Context())
	wantError(t, got(t, down), "Sandbox.Timedout", "the process did not ask for an event within 50ms of its start")
}

// TestGoneWhileIdle kills a process that waits for an event, as who has built a new one does:
// another one gets it.
func TestGoneWhileIdle(t *testing.T) {
	t.Parallel()
	down := make(chan error, 100)
	p := pool(t, modeLambda, func(o *lambdaruntime.Options) { o.OnDown = func(err error) { down <- err } })
	text, err := invoke(t, p, "pid", "")
	if err != nil {
		t.Fatal(err)
	}
	s := acquire(t, p) // before
	kill(t, text)
	got(t, down)
	response, err := s.Invoke(t.Context(), "request-2", []byte(`{"Do":"pid"}`), inAMinute())
	if err != nil || string(response) == text {
		t.Errorf("invoked: %s, %v", response, err)
	}
	s.Release()
}

func kill(t *testing.T, pid string) {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(n)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
}

// TestConcurrency acquires all that there may be, one after the other: each Acquire comes just
// when the process before it has become ready, and gets another one.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	const all = 20
	p := pool(t, modeLambda, func(o *lambdaruntime.Options) { o.Concurrency = all })
	pids := make(map[string]bool)
	var slots []*lambdaruntime.Slot
	for range all {
		s := acquire(t, p)
		slots = append(slots, s)
		response, err := s.Invoke(t.Context(), "request", []byte(`{"Do":"pid"}`), inAMinute())
		if err != nil {
			t.Fatal(err)
		}
		pids[string(response)] = true
	}
	if len(pids) != all {
		t.Errorf("processes %v", pids)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := p.Acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("acquired one more: %v", err)
	}
	for _, s := range slots {
		s.Release()
	}
	for range all { // no other process is started
		got, err := invoke(t, p, "pid", "")
		if err != nil || !pids[got] {
			t.Errorf("process %s, %v", got, err)
		}
	}
}

// TestCutOff ends the context of an invocation.
func TestCutOff(t *testing.T) {
	t.Parallel()
	p := pool(t, modeLambda)
	s := acquire(t, p)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("no more time")
	cancel(why)
	if _, err := s.Invoke(ctx, "request", []byte(`{"Do":"hang"}`), inAMinute()); !errors.Is(err, why) {
		t.Errorf("invoked: %v", err)
	}
	s.Release()
}

// TestNew has options that cannot be.
func TestNew(t *testing.T) {
	t.Parallel()
	for want, set := range map[string]func(*lambdaruntime.Options){
		"there is no command to run":         func(o *lambdaruntime.Options) { o.Command = nil },
		"concurrency 0: want 1 or more":      func(o *lambdaruntime.Options) { o.Concurrency = 0 },
		"timeouts must be more than nothing": func(o *lambdaruntime.Options) { o.Timeout = 0 },
		"./none":                             func(o *lambdaruntime.Options) { o.Command = []string{"./none"} },
	} {
		_, err := lambdaruntime.New(func(o *lambdaruntime.Options) { o.Command = []string{os.Args[0]} }, set)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
