package lambdaruntime_test

import (
	"context"
	"net/http"
	"testing"
	"time"
)

// TestForeignPages has requests that a browser sends without an Origin: for an image of another
// site, and of a page whose host name was bound to this address; and one that could not have
// the event. None of them takes one.
func TestForeignPages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit   func(*http.Request)
		status int
	}{
		"image":   {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		"sibling": {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, http.StatusForbidden},
		"script":  {func(r *http.Request) { r.Header.Set("Origin", "null") }, http.StatusForbidden},
		"rebound": {func(r *http.Request) { r.Host = "attacker.example" }, http.StatusForbidden},
		"head":    {func(r *http.Request) { r.Method = http.MethodHead }, http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, s, slots := speak(t)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.base+"invocation/next", nil)
			if err != nil {
				t.Fatal(err)
			}
			c.edit(r)
			status := make(chan int, 1)
			go func() {
				reply, err := http.DefaultClient.Do(r)
				if err != nil {
					status <- 0
					return
				}
				reply.Body.Close()
				status <- reply.StatusCode
			}()
			select {
			case got := <-status:
				if got != c.status {
					t.Errorf("answered %d, want %d", got, c.status)
				}
			case <-time.After(time.Minute):
				t.Error("neither refused nor accepted")
			case slot := <-slots:
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() {
					defer close(done)
					_, _ = slot.Invoke(ctx, "a", []byte(`{"secret":1}`), inAMinute())
				}()
				t.Errorf("it counts as a process that waits, and gets an event: %d", <-status)
				cancel()
				<-done
			}
		})
	}
}
