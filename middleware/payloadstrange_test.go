package middleware_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

// Nobody can wish away that the body is missing: the message fails.
func TestPayloadMissingNil(t *testing.T) {
	t.Parallel()
	for _, streams := range []bool{false, true} {
		h := middleware.Payload(holding(nil), func(o *middleware.PayloadOptions) {
			o.Stream, o.Missing = streams, func(error) error { return nil }
		}).Handler(worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			_, _, err := readAll(ctx, m)
			return err
		}))
		m := &worker.Message{Body: javaBody, Attributes: marked("ExtendedPayloadSize")}
		if panicked, err := handled(t.Context(), h, m); panicked != nil || !errors.Is(err, payload.ErrNotFound) {
			t.Errorf("stream %v: Handle = %v, panic %v", streams, err, panicked)
		}
	}
}

// A store that panics, or ends its goroutine, takes neither the process with it nor the
// deletes to come, and Run returns.
func TestPayloadDeletePanics(t *testing.T) {
	for name, end := range map[string]func(){"panic": func() { panic("oh") }, "Goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newDock(t, "jobs")
				s := holding(nil)
				s.ending = func(_ context.Context, key string) error {
					if key == "bad" {
						end()
					}
					return nil
				}
				d.point("jobs", s, "bad", "good")
				var told notes
				p := middleware.Payload(s, told.take)
				stop := d.work("jobs", p.Handler(errands), p.Worker)
				pass(time.Second)
				stop()
				keys, errs := told.all()
				if len(keys) != 1 || keys[0] != "bad" || len(s.keys()) != 1 {
					t.Fatalf("told of %q: %v; the objects left are %q", keys, errs, s.keys())
				}
				if is := errors.As(errs[0], new(*worker.PanicError)); is != (name == "panic") {
					t.Errorf("told of %v", errs[0])
				}
			})
		})
	}
}
