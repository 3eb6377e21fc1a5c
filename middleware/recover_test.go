package middleware_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// bang is a handler that panics with v.
func bang(v any) worker.Handler {
	return worker.HandlerFunc(func(context.Context, *worker.Message) error { panic(v) })
}

func TestRecover(t *testing.T) {
	t.Parallel()
	for _, v := range []any{"bang", errFlaky, 42} {
		err := middleware.Recover()(bang(v)).Handle(t.Context(), &worker.Message{})
		var p *worker.PanicError
		if !errors.As(err, &p) || p.Value != v || !strings.Contains(string(p.Stack), "recover_test.go") {
			t.Errorf("Handle = %v, want a PanicError with %v, and where it was", err, v)
		}
		if _, ok := v.(error); ok && !errors.Is(err, errFlaky) {
			t.Errorf("errors.Is does not find %v", v)
		}
	}
}

func TestRecoverOfWhatDoesNotPanic(t *testing.T) {
	t.Parallel()
	for _, want := range []error{nil, errFlaky} {
		if err := middleware.Recover()(newScript(want)).Handle(t.Context(), &worker.Message{}); err != want {
			t.Errorf("Handle = %v, want %v", err, want)
		}
	}
}

// With panicnil=1, as programs of older Go versions have it, recover returns nil for it.
func TestRecoverOfNil(t *testing.T) {
	for _, setting := range []string{"panicnil=0", "panicnil=1"} {
		t.Setenv("GODEBUG", setting)
		err := middleware.Recover()(bang(nil)).Handle(t.Context(), &worker.Message{})
		if !errors.As(err, new(*runtime.PanicNilError)) || !errors.As(err, new(*worker.PanicError)) {
			t.Errorf("%s: Handle = %v, want the PanicError of a PanicNilError", setting, err)
		}
	}
}

func TestRecoverLetsGoexitPass(t *testing.T) {
	t.Parallel()
	returned, done := false, make(chan struct{})
	go func() {
		defer close(done)
		middleware.Recover()(worker.HandlerFunc(func(context.Context, *worker.Message) error {
			runtime.Goexit()
			return nil
		})).Handle(context.Background(), &worker.Message{})
		returned = true
	}()
	<-done
	if returned {
		t.Error("the goroutine goes on after Goexit")
	}
}

// What is around Recover sees the panic as an error.
func TestRecoverInsideDeadLetter(t *testing.T) {
	bubble(t, func(t *testing.T) {
		panicked := func(err error) bool { return errors.As(err, new(*worker.PanicError)) }
		mw := worker.Chain(middleware.DeadLetter(0, panicked), middleware.Recover())
		r := onTrial(t, "orders -> orders-dlq", "orders", 3, mw(bang("poison")))
		elapse(time.Second)
		r.ended(worker.DeadLettered, worker.DeadLettered, worker.DeadLettered)
		r.holds("orders-dlq", "3", "0")
	})
}
