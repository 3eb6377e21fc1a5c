package middleware

import (
	"context"
	"errors"
	"log/slog"

	"github.com/quayside-go/quayside/worker"
)

// Worker is an option for worker.New: by Options.Hook, beside a hook that is there, it
// logs what happens outside handlers, with the values of Run's context:
//
//	DEBUG  pollers         queue, count
//	INFO   skipped         queue, id, type, group (the last two if there are any)
//	INFO   released        the same, error
//	INFO   draining        queue, error if that is why; then WARN
//	INFO   stopped         queue, done, failed, released, abandoned, undeleted, error; WARN
//	                       if the drain was not clean
//	WARN   warning         queue, error
//	WARN   request failed  queue, action, messages, duration, error, request_id if there is
//	                       one; not the long poll that a drain cancels
//	WARN   lease lost      queue, id, error
//	WARN   unsettled       queue, id, action, error
//	ERROR  abandoned       queue, id, error
//
// Their meanings are those of worker.EventKind. Requests that succeed are not logged.
// Returns of handlers are, as by [Logging.Handler], if they have not come by that: all of
// them if it is not in use.
func (l *Logging) Worker(o *worker.Options) { o.Hook = then(o.Hook, l.event) }

// event logs a worker's event.
func (l *Logging) event(ctx context.Context, e worker.Event) {
	if e.Kind == worker.EventHandled {
		if e.Message != nil && e.Message.Value(loggedKey{}) != l {
			l.handled(ctx, e.Message, e.Outcome, e.Err, e.Duration)
		}
		return
	}
	at, text := levelOf(e)
	if text == "" || !l.logger.Enabled(ctx, at) {
		return
	}
	var room [8]slog.Attr
	as := room[:0]
	if e.Message != nil {
		as = identity(as, e.Message)
	} else {
		as = append(as, slog.String("queue", e.Queue))
	}
	switch e.Kind {
	case worker.EventRequest:
		as = append(as, slog.String("action", e.Action), slog.Int("messages", len(e.Messages)), slog.Duration("duration", e.Duration))
	case worker.EventUnsettled:
		as = append(as, slog.String("action", e.Action))
	case worker.EventPollers:
		as = append(as, slog.Int("count", e.Count))
	case worker.EventStopped:
		d := e.Drained
		as = append(as, slog.Int("done", d.Done), slog.Int("failed", d.Failed), slog.Int("released", d.Released),
			slog.Int("abandoned", d.Abandoned), slog.Int("undeleted", d.Undeleted))
	}
	if e.Err != nil {
		as = append(as, slog.Any("error", e.Err))
	}
	if e.RequestID != "" {
		as = append(as, slog.String("request_id", e.RequestID))
	}
	l.logger.LogAttrs(ctx, at, text, as...)
}

// levelOf returns how to log e, and the message; "" if it is not to be logged.
func levelOf(e worker.Event) (slog.Level, string) {
	switch e.Kind {
	case worker.EventRequest:
		if e.Err == nil || errors.Is(e.Err, worker.ErrDraining) {
			return 0, ""
		}
		return slog.LevelWarn, "request failed"
	case worker.EventPollers:
		return slog.LevelDebug, string(e.Kind)
	case worker.EventAbandoned:
		return slog.LevelError, string(e.Kind)
	case worker.EventDraining, worker.EventStopped:
		if e.Err != nil {
			return slog.LevelWarn, string(e.Kind)
		}
		return slog.LevelInfo, string(e.Kind)
	case worker.EventSkipped, worker.EventReleased:
		return slog.LevelInfo, string(e.Kind)
	}
	return slog.LevelWarn, string(e.Kind)
}
