package localqueue_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// TestDate has the Date of every reply be that of its sending, after a long poll too:
// SDKs set their clocks by it.
func TestDate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.MustCreate("orders")
		for range 5 {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?Action=ReceiveMessage&QueueUrl=orders&WaitTimeSeconds=2", nil))
			if got, want := w.Header().Get("Date"), time.Now().UTC().Format(http.TimeFormat); got != want {
				t.Errorf("a reply says %q at %q", got, want)
			}
			time.Sleep(300 * time.Millisecond)
		}
	})
}
