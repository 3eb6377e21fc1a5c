package lambdaruntime_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/internal/lambdaruntime"
)

// TestTwoNexts has a process ask twice at once: the second next, which waits while the first
// event is answered, is a next all the same, and neither is it late nor what it takes.
func TestTwoNexts(t *testing.T) {
	t.Parallel()
	const timeout = 3 * time.Second
	down := make(chan error, 10)
	_, s, slots := speak(t, func(o *lambdaruntime.Options) { o.Timeout, o.OnDown = timeout, func(err error) { down <- err } })
	nexts := make(chan answer, 2)
	for range 2 {
		go func() { nexts <- s.do(t, http.MethodGet, "invocation/next", "") }()
	}
	slot := got(t, slots)
	until(t, "both wait", func() bool { return slot.Nexts() == 2 })
	done := s.invoke(t, slot, "a")
	got(t, nexts)
	accepted(t, s.do(t, http.MethodPost, "invocation/a/response", "{}"))
	if a := got(t, done); a.err != nil {
		t.Fatal(a.err)
	}
	select {
	case err := <-down:
		t.Fatalf("it waits, and is killed: %v", err)
	case <-time.After(timeout + timeout/3):
	}
	done = s.invoke(t, slot, "b")
	if a := got(t, nexts); a.status != http.StatusOK {
		t.Errorf("the second next: %d", a.status)
	}
	accepted(t, s.do(t, http.MethodPost, "invocation/b/response", "{}"))
	if a := got(t, done); a.err != nil {
		t.Error(a.err)
	}
}

// TestTwoAcquire has two callers wait at the same time, with room for two processes.
func TestTwoAcquire(t *testing.T) {
	t.Parallel()
	p := pool(t, modeLambda, func(o *lambdaruntime.Options) { o.Concurrency = 2 })
	slots := make(chan *lambdaruntime.Slot, 2)
	for range 2 {
		go func() {
			if s, err := p.Acquire(t.Context()); err == nil {
				slots <- s
			}
		}()
	}
	within(t, "both have a slot", func() {
		<-slots
		<-slots
	})
}

// TestLargeError has a function report an error that is too large: that ends the invocation.
// One that is cut off does not.
func TestLargeError(t *testing.T) {
	t.Parallel()
	_, s, slots := speak(t)
	first := make(chan answer, 1)
	go func() { first <- s.do(t, http.MethodGet, "invocation/next", "") }()
	slot := got(t, slots)
	done := s.invoke(t, slot, "a")
	got(t, first)
	refused(t, s.do(t, http.MethodPost, "invocation/b/error", strings.Repeat("x", 6_291_557)), http.StatusBadRequest, "InvalidRequestID")
	refused(t, s.do(t, http.MethodPost, "invocation/a/error", strings.Repeat("x", 6_291_557)), http.StatusRequestEntityTooLarge, "RequestEntityTooLarge")
	wantError(t, got(t, done).err, "Function.ResponseSizeTooLarge", "larger than 6291556 bytes")

	_, done = s.next(t, slot, "b")
	for _, path := range []string{"invocation/b/response", "invocation/b/error"} {
		if status := s.cutOff(t, path); status != http.StatusBadRequest {
			t.Errorf("%s, cut off: %d", path, status)
		}
	}
	accepted(t, s.do(t, http.MethodPost, "invocation/b/response", "{}"))
	if a := got(t, done); a.err != nil {
		t.Error(a.err)
	}
	slot.Release()
}
