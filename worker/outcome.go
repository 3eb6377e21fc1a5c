package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
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

// Discard returns an error that fails the message with err and has it deleted
// all the same: it will never succeed, and nobody needs to see it. Hooks, gates
// and middleware see err.
func Discard(err error) error { return &discard{verdict{"discard", err}} }

// DeadLetter returns an error that fails the message with err and has the worker
// move it to the queue's dead-letter queue now, whatever attempts are left: it
// sends a copy, with the reason in an attribute, and then deletes the message. On
// a queue without a dead-letter queue, it is a failure like any other.
func DeadLetter(err error) error { return &deadLetter{verdict{"dead-letter", err}} }

// Snooze returns an error that has the message come back after d without having
// failed: what it needs is not there yet. It does not count towards
// [Message].Attempts. SQS's redrive policy counts every receive, this one too.
// Durations are rounded and bounded as by [RetryAfter].
func Snooze(d time.Duration) error { return &snooze{after: max(d, 0)} }

// verdict is an error that says what becomes of the message.
type verdict struct {
	what string
	err  error
}

func (e verdict) Error() string {
	if e.err == nil {
		return e.what
	}
	return e.what + ": " + e.err.Error()
}

func (e verdict) Unwrap() error { return e.err }

type (
	discard    struct{ verdict }
	deadLetter struct{ verdict }
)

type snooze struct{ after time.Duration }

func (e *snooze) Error() string { return fmt.Sprintf("snooze for %v", e.after) }

// PanicError is the failure of a handler that panicked.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // as printed by runtime/debug.Stack
}

func (e *PanicError) Error() string { return fmt.Sprintf("handler panicked: %v", e.Value) }

// Unwrap returns the value given to panic if it is an error. One that asks for an outcome
// has no effect: a panic is a failure.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Outcome is what became of a message once its handler had returned:
//
//	error                          outcome
//	nil                            Done: deleted
//	Discard(...)                   Discarded: deleted
//	DeadLetter(...), *DecodeError  DeadLettered; Failed if there is no
//	                               dead-letter queue that the worker knows
//	Snooze(d)                      Snoozed: again in d
//	RetryAfter(d, ...)             Failed: again in d
//	caused by a drain's cancelling Released: again at once, and not held against it
//	any other, a panic             Failed: again in Policy.Retry(m, err)
//
// Of several of these in one error, the outermost counts. On a FIFO queue, a message
// that failed at its last attempt can be DeadLettered by the worker itself; see the
// package's documentation.
type Outcome string

// The outcomes.
const (
	Done         Outcome = "done"
	Discarded    Outcome = "discarded"
	DeadLettered Outcome = "dead-lettered"
	Snoozed      Outcome = "snoozed"
	Failed       Outcome = "failed"
	Released     Outcome = "released"
)

// OutcomeOf returns what err, which a handler returned, asks for: the table of [Outcome]
// for middleware. ctx is the handler's. Of what comes after the handler it knows nothing:
// without a dead-letter queue, DeadLettered turns out to be Failed.
func OutcomeOf(ctx context.Context, err error) Outcome {
	switch verdictOf(err).(type) {
	case *discard:
		return Discarded
	case *deadLetter, *DecodeError:
		return DeadLettered
	case *snooze:
		return Snoozed
	case *retryAfter:
		return Failed
	}
	switch {
	case err == nil:
		return Done
	case context.Cause(ctx) == ErrDraining && (errors.Is(err, context.Canceled) || errors.Is(err, ErrDraining)):
		return Released
	}
	return Failed
}

// Decides reports whether err says itself what becomes of its message, as what Discard,
// DeadLetter, Snooze and RetryAfter return does, and a *DecodeError.
func Decides(err error) bool { return verdictOf(err) != nil }

// outcome is an Outcome with what is needed to carry it out.
type outcome struct {
	kind  Outcome
	again time.Duration // Snoozed, Failed: negative: when its visibility timeout runs out
	held  bool          // it does not go back: the worker tries it again itself
	left  bool          // its handler was abandoned, and may still change the message
}

// finished reports whether the message is to be deleted.
func (o outcome) finished() bool {
	return o.kind == Done || o.kind == Discarded || o.kind == DeadLettered
}

// decide is the table above. ctx is the handler's. It returns err as well, unless
// something goes wrong with that.
func decide(ctx context.Context, m *Message, failed error) (o outcome, err error) {
	defer rescue(m, &o, &err)
	err = failed
	o.kind = OutcomeOf(ctx, err)
	switch e := verdictOf(err).(type) {
	case *snooze:
		o.again = e.after
	case *retryAfter:
		o.again = e.after
	default:
		if o.kind == Failed {
			return failure(m, err)
		}
	}
	return o, err
}

// failure is the outcome of an error that says nothing of its own.
func failure(m *Message, failed error) (o outcome, err error) {
	defer rescue(m, &o, &err)
	err = failed
	retry := m.Policy().Retry
	if retry == nil {
		retry = Backoff
	}
	return outcome{kind: Failed, again: retry(m, err)}, err
}

// rescue is for code of the user's (Policy.Retry, methods of errors) that panics: the
// message has failed because of that too, and comes back as if there were none.
func rescue(m *Message, o *outcome, err *error) {
	if v := recover(); v != nil {
		*err = errors.Join(*err, &PanicError{Value: v, Stack: debug.Stack()})
		*o = outcome{kind: Failed, again: Backoff(m, *err)}
	}
}

// verdictOf returns the outermost error of err that stands for an outcome, nil if
// there is none.
func verdictOf(err error) error {
	for err != nil {
		switch e := err.(type) {
		case *discard, *deadLetter, *DecodeError, *snooze, *retryAfter:
			return err
		case *PanicError:
			return nil // whatever was given to panic
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			for _, each := range e.Unwrap() {
				if v := verdictOf(each); v != nil {
					return v
				}
			}
			return nil
		default:
			return nil
		}
	}
	return nil
}
