package middleware

import (
	"context"
	"log/slog"

	"github.com/quayside-go/quayside/producer"
)

// Producer is an option for producer.New: by Options.Hook, beside a hook that is there, it
// logs what SQS did not take, without the context of a Send:
//
//	WARN  request failed   queue, action, messages, duration, error, request_id if there
//	                       is one
//	WARN  message refused  queue, type, group (if there are any), error, request_id: one of
//	                       a request that did not fail
//
// Of several messages in a request that SQS refuses as wrong, each is sent once more,
// alone, and what is logged then is about that message. Messages that never made a
// request, because they are too large for example, are not logged: Send returns why.
func (l *Logging) Producer(o *producer.Options) { o.Hook = then(o.Hook, l.produced) }

// produced logs what failed of a producer's request.
func (l *Logging) produced(ctx context.Context, e producer.Event) {
	if e.Err == nil && len(e.Refused) == 0 || !l.logger.Enabled(ctx, slog.LevelWarn) {
		return
	}
	var id []slog.Attr
	if e.RequestID != "" {
		id = append(id, slog.String("request_id", e.RequestID))
	}
	if e.Err != nil {
		as := append([]slog.Attr{slog.String("queue", e.Queue), slog.String("action", e.Action),
			slog.Int("messages", len(e.Messages)), slog.Duration("duration", e.Duration), slog.Any("error", e.Err)}, id...)
		l.logger.LogAttrs(ctx, slog.LevelWarn, "request failed", as...)
	}
	for i, err := range e.Refused {
		if err != nil {
			l.refused(ctx, e.Queue, e.Messages[i], append(id[:len(id):len(id)], slog.Any("error", err)))
		}
	}
}

// refused logs that SQS would not take m.
func (l *Logging) refused(ctx context.Context, queue string, m *producer.Message, why []slog.Attr) {
	as := []slog.Attr{slog.String("queue", queue)}
	if m.Type != "" {
		as = append(as, slog.String("type", m.Type))
	}
	if m.Group != "" {
		as = append(as, slog.String("group", m.Group))
	}
	l.logger.LogAttrs(ctx, slog.LevelWarn, "message refused", append(as, why...)...)
}
