package worker

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// RetryAfter returns an error that fails the message with err, which may be
// nil, and has it come back after d, whatever its [Policy] says. SQS counts in
// whole seconds, so d is rounded up, and keeps no message invisible for more
// than 12 hours since its receive, so d is shortened to fit. The error may be
// wrapped further on its way out; errors.Is and errors.As see err through it.
func RetryAfter(d time.Duration, err error) error {
	return &retryAfter{after: max(d, 0), err: err}
}

type retryAfter struct {
	after time.Duration
	err   error
}

func (e *retryAfter) Error() string {
	if e.err == nil {
		return fmt.Sprintf("retry after %v", e.after)
	}
	return fmt.Sprintf("retry after %v: %v", e.after, e.err)
}

func (e *retryAfter) Unwrap() error { return e.err }

// PanicError is the failure of a handler that panicked.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // as printed by runtime/debug.Stack
}

func (e *PanicError) Error() string { return fmt.Sprintf("handler panicked: %v", e.Value) }

// Unwrap returns the value given to panic if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// errExited is the failure of a handler that ended its goroutine, as
// testing.T.FailNow does.
var errExited = errors.New("handler called runtime.Goexit")

// An outcome is what becomes of a message once its handler has returned:
//
//	error                          outcome
//	nil                            done: delete it
//	RetryAfter(d, ...)             again in d
//	caused by a drain's cancelling again at once, and not held against it
//	any other                      again in Policy.Retry(m, err), or when its
//	                               visibility timeout runs out
type outcome struct {
	done     bool
	released bool          // interrupted, not failed
	again    time.Duration // negative: when its visibility timeout runs out
}

// decide is the table above. ctx is the handler's.
func decide(ctx context.Context, m *Message, err error) outcome {
	if err == nil {
		return outcome{done: true}
	}
	var retry *retryAfter
	if errors.As(err, &retry) {
		return outcome{again: retry.after}
	}
	if context.Cause(ctx) == ErrDraining && (errors.Is(err, context.Canceled) || errors.Is(err, ErrDraining)) {
		return outcome{released: true}
	}
	if p := m.Policy(); p.Retry != nil {
		return outcome{again: p.Retry(m, err)}
	}
	return outcome{again: -1}
}
