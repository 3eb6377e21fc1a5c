package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/localqueue"
)

func TestAlarm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		alarm := newAlarm(slog.New(slog.NewTextHandler(&log, nil)))
		for range 25 {
			alarm(localqueue.Request{Action: "SendMessage", Queue: "orders", Status: 500, Code: "InternalFailure"})
			alarm(localqueue.Request{Action: "SendMessage", Queue: "other", Status: 400, Code: "InvalidMessageContents"})
			time.Sleep(time.Second)
		}
		if n := strings.Count(log.String(), "level=WARN"); n != 3 || strings.Contains(log.String(), "other") {
			t.Errorf("%d warnings in 25 seconds, want 3 of orders:\n%s", n, &log)
		}
	})
}
