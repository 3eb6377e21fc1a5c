package middleware

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// LogOptions are what Log's functions may change. They are handed over filled with the
// defaults.
type LogOptions struct {
	// Level says at which level [Logging.Handler] logs, given what becomes of the message
	// and the handler's error. Default: Done, Snoozed and Released INFO, Failed and
	// Discarded WARN, DeadLettered and panics ERROR.
	Level func(o worker.Outcome, err error) slog.Level

	// Sample is how many messages that are Done share a line: the first, and then every
	// Sample-th of the Logging is logged. All other outcomes always are. Default, for 0
	// and 1: every message.
	Sample int

	// Body has Handler log bodies, as the attribute body. They may hold what should not
	// be in a log.
	Body bool
}

// Logging logs what workers and producers do, in attributes rather than words. It is made
// by [Log]. Its three methods can be used together or alone.
type Logging struct {
	logger *slog.Logger
	opts   LogOptions
	done   atomic.Int64 // messages, for Sample
}

// Log makes a Logging that logs to logger; nil: to what slog.Default returns now.
func Log(logger *slog.Logger, opts ...func(*LogOptions)) *Logging {
	l := &Logging{logger: logger, opts: LogOptions{Level: level}}
	for _, f := range opts {
		if f != nil {
			f(&l.opts)
		}
	}
	if l.logger == nil {
		l.logger = slog.Default()
	}
	if l.opts.Level == nil {
		l.opts.Level = level
	}
	return l
}

// level is the default of LogOptions.Level.
func level(o worker.Outcome, err error) slog.Level {
	switch o {
	case worker.Done, worker.Snoozed, worker.Released:
		return slog.LevelInfo
	case worker.DeadLettered:
		return slog.LevelError
	}
	if errors.As(err, new(*worker.PanicError)) {
		return slog.LevelError
	}
	return slog.LevelWarn
}

// errExited is what there is to say of a handler that has ended its goroutine.
var errExited = errors.New("handler called runtime.Goexit")

// Handler is a worker.Middleware that logs a line "handled" each time next has returned,
// with the context that it was given:
//
//	queue, id        always
//	type, group      if the message has them
//	attempts         of the message, this one included
//	receives         by SQS's count
//	outcome          what next's error asks for: worker.OutcomeOf
//	duration         of next
//	error, stack     if there is an error, if that is a *worker.PanicError
//	body             with LogOptions.Body
//
// What does not come as far as that, because middleware outside fails it (SNS does, and
// Decompress), [Logging.Worker] logs in the same way.
//
// A panic of next is logged and goes on, so that Recover may be outside or missing. What
// the worker makes of the outcome afterwards (a DeadLetter without a dead-letter queue is
// a failure) Handler does not know.
func (l *Logging) Handler(next worker.Handler) worker.Handler {
	return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) (err error) {
		start := time.Now()
		err = errExited
		defer func() {
			v := recover()
			if v != nil {
				err = &worker.PanicError{Value: v, Stack: debug.Stack()}
			}
			l.handled(ctx, m, worker.OutcomeOf(ctx, err), err, time.Since(start))
			m.SetValue(loggedKey{}, l)
			if v != nil {
				panic(v)
			}
		}()
		err = next.Handle(ctx, m)
		return err
	})
}

// loggedKey is under which a message keeps the Logging whose Handler has logged it.
type loggedKey struct{}

// handled logs a line about a handler that has returned.
func (l *Logging) handled(ctx context.Context, m *worker.Message, o worker.Outcome, err error, took time.Duration) {
	at := l.opts.Level(o, err)
	if !l.logger.Enabled(ctx, at) || o == worker.Done && !l.sampled() {
		return
	}
	var room [11]slog.Attr
	as := identity(room[:0], m)
	as = append(as, slog.Int("attempts", m.Attempts), slog.Int("receives", m.Receives),
		slog.String("outcome", string(o)), slog.Duration("duration", took))
	if err != nil {
		as = append(as, slog.Any("error", err))
		var p *worker.PanicError
		if errors.As(err, &p) {
			as = append(as, slog.String("stack", string(p.Stack)))
		}
	}
	if l.opts.Body {
		as = append(as, slog.String("body", m.Body))
	}
	l.logger.LogAttrs(ctx, at, "handled", as...)
}

// sampled counts a message that is done and reports whether it is to be logged.
func (l *Logging) sampled() bool {
	n := int64(l.opts.Sample)
	return n <= 1 || (l.done.Add(1)-1)%n == 0
}

// identity appends to as what tells m, as far as it is known.
func identity(as []slog.Attr, m *worker.Message) []slog.Attr {
	as = append(as, slog.String("queue", m.Queue), slog.String("id", m.ID))
	if m.Type != "" {
		as = append(as, slog.String("type", m.Type))
	}
	if m.Group != "" {
		as = append(as, slog.String("group", m.Group))
	}
	return as
}
