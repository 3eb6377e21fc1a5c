package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
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
			alarm(localqueue.Request{Action: "SendMessage", Queue: "orders", Status: 503, Code: "ServiceUnavailable", Text: "there is no room"})
			alarm(localqueue.Request{Action: "SendMessage", Queue: "other", Status: 400, Code: "InvalidMessageContents"})
			time.Sleep(time.Second)
		}
		if n := strings.Count(log.String(), "level=WARN"); n != 3 || strings.Contains(log.String(), "other") {
			t.Errorf("%d warnings in 25 seconds, want 3 of orders:\n%s", n, &log)
		}
		if n := strings.Count(log.String(), ` error=ServiceUnavailable why="there is no room" `); n != 3 {
			t.Errorf("%d say why:\n%s", n, &log)
		}
	})
}

func TestDamageLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		told := newDamageLog(slog.New(slog.NewTextHandler(&log, nil)))
		told(localqueue.Damage{Queue: "orders", MessageID: "17", Where: &localqueue.DamageError{File: "0000002a.log", Offset: 77, Reason: "a checksum is wrong"}})
		if want := `level=WARN msg="a message cannot be read, and was not handed out" queue=orders message=17 file=0000002a.log offset=77 why="a checksum is wrong"`; !strings.Contains(log.String(), want) {
			t.Errorf("got %s, want %s", &log, want)
		}
		for range 1000 { // a receiver that asks again and again
			told(localqueue.Damage{Where: new(localqueue.DamageError)})
			time.Sleep(time.Millisecond)
		}
		if n := strings.Count(log.String(), "\n"); n < 100 || n > 102 {
			t.Errorf("%d lines in a second", n)
		}
	})
}

// TestEndLog: the end of the log is told at once to whoever looks, and soon where nobody
// asks anything; once.
func TestEndLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log buffer
		var failed atomic.Bool
		end := &endLog{log: slog.New(slog.NewTextHandler(&log, nil)), err: func() error {
			if failed.Load() {
				return errors.New("input/output error")
			}
			return nil
		}}
		ctx, stop := context.WithCancel(t.Context())
		go end.run(ctx)
		time.Sleep(time.Minute)
		end.look()
		if log.String() != "" {
			t.Errorf("all is well, and it says %s", &log)
		}
		failed.Store(true)
		time.Sleep(lookEvery)
		synctest.Wait()
		if want := `level=ERROR msg="the disk has failed; all requests are refused until the server is started again" why="input/output error"`; !strings.Contains(log.String(), want) {
			t.Errorf("got %q, want %s", &log, want)
		}
		end.look()
		time.Sleep(time.Minute)
		if n := strings.Count(log.String(), "\n"); n != 1 {
			t.Errorf("it says so %d times", n)
		}
		stop()
	})
}
