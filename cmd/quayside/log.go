package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
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
// ten seconds.
func newAlarm(log *slog.Logger) func(localqueue.Request) {
	now := rate.Sometimes{First: 1, Interval: 10 * time.Second}
	return func(r localqueue.Request) {
		if failed(r) {
			now.Do(func() {
				log.Warn("requests fail", "action", r.Action, "queue", r.Queue, "error", r.Code, "why", r.Text, "id", r.ID)
			})
		}
	}
}

// failed reports whether the request was answered with a fault of the server's.
func failed(r localqueue.Request) bool { return r.Status >= http.StatusInternalServerError }

// newDamageLog returns a function that warns of messages which cannot be read: of a
// hundred, and then of one in a second, since each comes again.
func newDamageLog(log *slog.Logger) func(localqueue.Damage) {
	now := rate.Sometimes{First: 100, Interval: time.Second}
	return func(d localqueue.Damage) {
		now.Do(func() {
			log.Warn("a message cannot be read, and was not handed out", "queue", d.Queue, "message", d.MessageID,
				"file", d.Where.File, "offset", d.Where.Offset, "why", d.Where.Reason, "account", d.Account, "region", d.Region)
		})
	}
}
