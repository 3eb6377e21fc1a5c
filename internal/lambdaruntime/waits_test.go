package lambdaruntime_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/internal/lambdaruntime"
)

// hungUp asks for an event and hangs up once that waits for one, for whom it returns the slot.
func (s *speaker) hungUp(t *testing.T, slots <-chan *lambdaruntime.Slot) *lambdaruntime.Slot {
	t.Helper()
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"invocation/next", nil)
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		if reply, err := http.DefaultClient.Do(r); err == nil {
			reply.Body.Close()
			t.Error("who hung up got an event")
		}
	}()
	slot := got(t, slots)
	hangUp()
	got(t, over)
	until(t, "the server has noticed", func() bool { return slot.Nexts() == 0 })
	return slot
}

// TestHangUp has a client go away while it waits, and another one ask after it.
func TestHangUp(t *testing.T) {
	t.Parallel()
	_, s, slots := speak(t)
	slot := s.hungUp(t, slots)
	_, done := s.next(t, slot, "a")
	accepted(t, s.do(t, http.MethodPost, "invocation/a/response", "null"))
	if a := got(t, done); a.err != nil || string(a.response) != "null" {
		t.Errorf("invoked: %s, %v", a.response, a.err)
	}
	slot.Release()
}

// TestHangUpForEver has nobody ask after it: the process is replaced, as one that answers and
// asks no more.
func TestHangUpForEver(t *testing.T) {
	t.Parallel()
	down := make(chan error, 10)
	_, s, slots := speak(t, func(o *lambdaruntime.Options) {
		o.Timeout, o.OnDown = 100*time.Millisecond, func(err error) { down <- err }
	})
	s.hungUp(t, slots)
	wantError(t, got(t, down), "Sandbox.Timedout", "the process hung up, and did not ask for the next event within 100ms")
}

// TestTooLate has no process take an event in time: it is given back, and nobody gets it.
func TestTooLate(t *testing.T) {
	t.Parallel()
	_, s, slots := speak(t)
	slot := s.hungUp(t, slots)
	_, err := slot.Invoke(t.Context(), "late", []byte(`{}`), time.Now().Add(50*time.Millisecond))
	if err == nil || !strings.Contains(err.Error(), "no process took the event in time") {
		t.Errorf("invoked: %v", err)
	}
	_, done := s.next(t, slot, "a")
	accepted(t, s.do(t, http.MethodPost, "invocation/a/response", "null"))
	if a := got(t, done); a.err != nil {
		t.Error(a.err)
	}
}

// TestStaleDown has a process that was acquired end before an event is there: what comes
// then is for the next process, and does not fail for the end of the first.
func TestStaleDown(t *testing.T) {
	t.Parallel()
	down, out := make(chan error, 10), &buffer{lines: make(chan string, 100)}
	p := pool(t, modeLambda, func(o *lambdaruntime.Options) {
		o.OnDown, o.Stdout = func(err error) { down <- err }, out
		o.Env = append(o.Env, tellVariable+"=1")
	})
	s := acquire(t, p)
	kill(t, got(t, out.lines))
	wantError(t, got(t, down), "Runtime.ExitError", "exited while it waited for its first event")
	until(t, "the error is there for who invokes", func() bool { return s.Down() || s.Nexts() > 0 })
	if _, err := s.Invoke(t.Context(), "a", []byte(`{"Do":"pid"}`), inAMinute()); err != nil {
		t.Errorf("the event fails, though no start has failed since: %v", err)
	}
}
