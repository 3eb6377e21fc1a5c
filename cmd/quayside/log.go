package main

import (
	"context"
	"io"
	"log/slog"
	"time"

	"golang.org/x/time/rate"

	"github.com/quayside-go/quayside/localqueue"
)

// levels are the values of --log-level.
var levels = map[string]slog.Level{
	"error": slog.LevelError,
	"warn":  slog.LevelWarn,
	"info":  slog.LevelInfo,
	"debug": slog.LevelDebug,
}

func newLogger(w io.Writer, level string) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: levels[level]}))
}

// logRequest writes the line that --log-level debug has for each request.
func logRequest(log *slog.Logger, r localqueue.Request) {
	ctx := context.Background()
	if !log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("action", r.Action), slog.String("queue", r.Queue),
		slog.Int("status", r.Status), slog.Duration("took", r.Duration),
		slog.String("protocol", r.Protocol), slog.String("account", r.Account),
		slog.String("region", r.Region), slog.String("id", r.ID),
	}
	if r.Code != "" {
		attrs = append(attrs, slog.String("error", r.Code))
	}
	if r.Err != nil {
		attrs = append(attrs, slog.Any("lost", r.Err))
	}
	log.LogAttrs(ctx, slog.LevelDebug, "request", attrs...)
}

// newAlarm returns a function that warns of requests which failed through no fault of
// the client's, as those do that a full disk refuses: of the first, and then of one in
// ten seconds. Clients are told the reason.
func newAlarm(log *slog.Logger) func(localqueue.Request) {
	now := rate.Sometimes{First: 1, Interval: 10 * time.Second}
	return func(r localqueue.Request) {
		if r.Code == "InternalFailure" {
			now.Do(func() {
				log.Warn("requests fail; the replies say why", "action", r.Action, "queue", r.Queue, "error", r.Code, "id", r.ID)
			})
		}
	}
}
