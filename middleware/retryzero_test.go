package middleware_test

import (
	"errors"
	"testing"
	"time"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// The zero Message is enough for a test of a handler: it has as many attempts as others.
func TestRetryOfTheZeroMessage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newScript(errors.New("no luck"))
		_ = middleware.Retry(by(time.Second, time.Second), inProcess(time.Hour))(h).Handle(t.Context(), &worker.Message{Body: "b"})
		h.want(t, 0, time.Second, 2*time.Second)
	})
}
