package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// Handler handles one message. Handle returns nil when m is done: the worker
// then deletes it. Any other error leaves it to be received again, when [Policy]
// says so, or is an outcome of its own: [RetryAfter], [Snooze], [Discard],
// [DeadLetter]; see [Outcome]. A panic is an error like any other.
//
// Handle is called by many goroutines at once. Its context carries the message
// ([FromContext]) and the values of Run's context; it is cancelled when the message
// is lost ([ErrLeaseLost]), was held for as long as allowed ([ErrMaxLease]), or when
// a drain has waited long enough ([ErrDraining]); not when Run's context ends.
//
// Messages are delivered at least once, so Handle must bear to be called again
// for a message that it has handled already.
type Handler interface {
	Handle(ctx context.Context, m *Message) error
}

// HandlerFunc makes a Handler of a function.
type HandlerFunc func(ctx context.Context, m *Message) error

// Handle calls f.
func (f HandlerFunc) Handle(ctx context.Context, m *Message) error { return f(ctx, m) }

// Middleware puts something around a handler.
type Middleware func(next Handler) Handler

// Misused returns a handler in the place of one that cannot be made, because of err:
// [Worker.Run] reports err, and so do a [Mux] and a [Host]. It is for packages that make
// handlers.
func Misused(err error) Handler {
	if err == nil {
		err = errors.New("worker: Misused: there is no error")
	}
	return misused{err}
}

type misused struct{ err error }

func (h misused) validate() error { return h.err }

func (h misused) Handle(context.Context, *Message) error { return h.err }

// Chain makes one middleware of several. The first is the outermost:
// Chain(a, b)(h) is a(b(h)), and Chain() changes nothing.
//
// A handler that knows what is wrong with its set-up, as a [Mux] does, still tells
// [Worker.Run] so through a Chain, and so does one that is nil; put by hand inside a
// middleware it does not.
func Chain(mw ...Middleware) Middleware {
	return func(h Handler) Handler {
		if isNil(h) {
			return h // for Run to report
		}
		chained := h
		for i := len(mw) - 1; i >= 0; i-- {
			chained = mw[i](chained)
		}
		if v, ok := h.(validator); ok && len(mw) > 0 && chained != nil {
			return struct {
				Handler
				validator
			}{chained, v}
		}
		return chained
	}
}

func isNil(h Handler) bool {
	f, ok := h.(HandlerFunc)
	return h == nil || ok && f == nil
}

// JSON makes a Handler of a function that takes the message's body decoded as
// JSON. A body that cannot be decoded fails with a *[DecodeError] without a call
// of f, and goes the way of [DeadLetter]: the worker moves it to the dead-letter
// queue. Without one it comes back like any failed message. It is never lost.
//
// Inside f, [FromContext] returns the message.
func JSON[T any](f func(ctx context.Context, v T) error) Handler {
	if f == nil {
		return HandlerFunc(nil) // for Run to report
	}
	return HandlerFunc(func(ctx context.Context, m *Message) error {
		var v T
		if err := json.Unmarshal([]byte(m.Body), &v); err != nil {
			return &DecodeError{Type: reflect.TypeFor[T]().String(), Err: err}
		}
		if known, _ := FromContext(ctx); known != m {
			ctx = withMessage(ctx, m) // called without a worker
		}
		return f(ctx, v)
	})
}

// DecodeError says that a message's body is not what its handler takes. No
// retry will change that.
type DecodeError struct {
	Type string // the Go type wanted
	Err  error  // the decoder's error
}

func (e *DecodeError) Error() string { return fmt.Sprintf("decode body as %s: %v", e.Type, e.Err) }

// Unwrap returns the decoder's error.
func (e *DecodeError) Unwrap() error { return e.Err }
