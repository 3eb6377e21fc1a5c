package middleware

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/quayside-go/quayside/worker"
)

// Recover returns a middleware that makes the handler's panic a *[worker.PanicError],
// with the stack of where it was. A worker does so with any panic: this one lets the
// middleware around it see an error, to retry, count or dead-letter.
//
// A handler that ends its goroutine (runtime.Goexit, as testing.T.FailNow does) is let
// go.
func Recover() worker.Middleware {
	return func(next worker.Handler) worker.Handler {
		return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) (err error) {
			if p := rescued(func() { err = next.Handle(ctx, m) }); p != nil {
				return p
			}
			return err
		})
	}
}

// rescued calls f. It returns a *worker.PanicError if f panics, nil if not.
func rescued(f func()) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v == nil { // GODEBUG has panicnil=1; or it is a Goexit, which goes on after this
			v = new(runtime.PanicNilError)
		}
		err = &worker.PanicError{Value: v, Stack: debug.Stack()}
	}()
	f()
	returned = true
	return nil
}
