package main

import (
	"context"
	"io"
	"log/slog"

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
