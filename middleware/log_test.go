package middleware_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// lines is where the log of a test goes.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// logger returns a logger of all levels into l.
func (l *lines) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// all returns the lines with a message, all of them for "".
func (l *lines) all(t *testing.T, msg string) (all []map[string]any) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.buf.String()) {
		m := make(map[string]any)
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		if msg == "" || m["msg"] == msg {
			all = append(all, m)
		}
	}
	return all
}

// alike compares a line with the one wanted. What is wanted as "*" must be there.
func alike(t *testing.T, got map[string]any, want string) {
	t.Helper()
	w := make(map[string]any)
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	got = maps.Clone(got)
	delete(got, "time")
	for name, v := range w {
		if _, ok := got[name]; ok && v == "*" {
			got[name] = v
		}
	}
	g, _ := json.Marshal(got)
	if s, _ := json.Marshal(w); !bytes.Equal(g, s) {
		t.Errorf("the line is\n%s, want\n%s", g, s)
	}
}

// Of every outcome: the line about it.
func TestLogOutcomes(t *testing.T) {
	t.Parallel()
	levels := map[worker.Outcome]string{
		worker.Done: "INFO", worker.Snoozed: "INFO", worker.Released: "INFO",
		worker.Failed: "WARN", worker.Discarded: "WARN", worker.DeadLettered: "ERROR",
	}
	errs := map[string]string{
		"failed": "broken", "retry after": "retry after 1h0m0s: broken", "snoozed": "snooze for 1h0m0s", "discarded": "discard: broken",
		"discarded without a reason": "discard", "dead-lettered": "dead-letter: broken", "released": "context canceled", "panicked": "handler panicked: no",
	}
	for _, test := range endings {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := localqueue.New()
				defer q.Close()
				q.MustCreate("orders -> orders-dlq")
				sent, err := producer.New(q, "orders").Send(t.Context(), producer.Message{Body: "secret", Type: "order", Group: "g"})
				if err != nil {
					t.Fatal(err)
				}
				var out lines
				h := worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
					time.Sleep(time.Millisecond)
					return test.h(ctx, m)
				})
				runFor(t, worker.New(q, "orders", middleware.Log(out.logger()).Handler(h)), 500*time.Millisecond)

				all := out.all(t, "")
				if len(all) != 1 {
					t.Fatalf("there are %d lines, want one: %v", len(all), all)
				}
				took, level, more := time.Millisecond, levels[test.outcome], ""
				if test.outcome == worker.Released {
					took = 20*time.Second + 500*time.Millisecond // the drain's patience
				}
				if text := errs[test.name]; text != "" {
					more = fmt.Sprintf(`,"error":%q`, text)
				}
				if test.name == "panicked" {
					level, more = "ERROR", more+`,"stack":"*"`
					if stack := all[0]["stack"].(string); !strings.Contains(stack, "metrics_test.go") {
						t.Errorf("the handler is not in the stack\n%s", stack)
					}
				}
				alike(t, all[0], fmt.Sprintf(`{"level":%q,"msg":"handled","queue":"orders","id":%q,"type":"order","group":"g",
					"attempts":1,"receives":1,"outcome":%q,"duration":%d%s}`, level, sent.ID, test.outcome, took, more))
			})
		})
	}
}

// handle calls a handler with a message by hand, and returns what it panicked with too.
func handle(h worker.Handler, m worker.Message) (panicked any, err error) {
	defer func() { panicked = recover() }()
	err = h.Handle(context.Background(), &m)
	return nil, err
}

// A handler's error and its panic go on as they are, whether they are logged or not.
func TestLogGoesOn(t *testing.T) {
	t.Parallel()
	for _, at := range []slog.Level{slog.LevelDebug, slog.LevelError + 1} {
		l := middleware.Log(slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: at})))
		v, err := handle(l.Handler(worker.HandlerFunc(func(context.Context, *worker.Message) error { return errBroken })), worker.Message{})
		if err != error(errBroken) || v != nil {
			t.Errorf("Handle = %v, panic %v, want the handler's error", err, v)
		}
		v, err = handle(l.Handler(worker.HandlerFunc(func(context.Context, *worker.Message) error { panic(errBroken) })), worker.Message{})
		if v != any(errBroken) {
			t.Errorf("Handle = %v, panic %v, want the handler's panic", err, v)
		}
	}
}

// A handler that ends its goroutine is logged, and does so.
func TestLogGoexit(t *testing.T) {
	t.Parallel()
	var out lines
	h := middleware.Log(out.logger()).Handler(worker.HandlerFunc(func(context.Context, *worker.Message) error { runtime.Goexit(); return nil }))
	ended := make(chan bool)
	go func() {
		returned := false
		defer func() { ended <- !returned }()
		handle(h, worker.Message{Queue: "orders", ID: "1"})
		returned = true
	}()
	if !<-ended {
		t.Error("Goexit did not end the goroutine")
	}
	alike(t, out.all(t, "")[0], `{"level":"WARN","msg":"handled","queue":"orders","id":"1","attempts":0,"receives":0,
		"outcome":"failed","duration":"*","error":"handler called runtime.Goexit"}`)
}

func TestLogOptions(t *testing.T) {
	t.Parallel()
	done := worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil })
	fails := worker.HandlerFunc(func(context.Context, *worker.Message) error { return errBroken })

	t.Run("sample", func(t *testing.T) {
		t.Parallel()
		for sample, want := range map[int]int{-1: 10, 0: 10, 1: 10, 3: 4, 10: 1, 11: 1} { // the 1st, 4th, 7th and 10th
			var out lines
			l := middleware.Log(out.logger(), func(o *middleware.LogOptions) { o.Sample = sample })
			for range 10 {
				handle(l.Handler(done), worker.Message{})
				handle(l.Handler(fails), worker.Message{})
			}
			if got := len(out.all(t, "")); got != want+10 {
				t.Errorf("with a Sample of %d, there are %d lines, want %d of 10 successes and all of 10 failures", sample, got, want)
			}
		}
	})
	t.Run("body", func(t *testing.T) {
		t.Parallel()
		for _, body := range []bool{true, false} {
			var out lines
			handle(middleware.Log(out.logger(), func(o *middleware.LogOptions) { o.Body = body }).Handler(done), worker.Message{Body: "secret"})
			if got := out.all(t, "")[0]["body"]; (got == "secret") != body {
				t.Errorf("with Body %t, the body is logged as %v", body, got)
			}
		}
	})
	t.Run("level", func(t *testing.T) {
		t.Parallel()
		var out lines
		l := middleware.Log(out.logger(), func(o *middleware.LogOptions) {
			usual := o.Level
			o.Level = func(outcome worker.Outcome, err error) slog.Level {
				if errors.Is(err, errBroken) {
					return slog.LevelDebug
				}
				return usual(outcome, err)
			}
		})
		handle(l.Handler(done), worker.Message{})
		handle(l.Handler(fails), worker.Message{})
		if all := out.all(t, ""); all[0]["level"] != "INFO" || all[1]["level"] != "DEBUG" {
			t.Errorf("the levels are %v and %v, want INFO and DEBUG", all[0]["level"], all[1]["level"])
		}
	})
	t.Run("no level", func(t *testing.T) {
		t.Parallel()
		var out lines
		handle(middleware.Log(out.logger(), func(o *middleware.LogOptions) { o.Level = nil }).Handler(fails), worker.Message{})
		if all := out.all(t, ""); all[0]["level"] != "WARN" {
			t.Errorf("the level is %v, want the default", all[0]["level"])
		}
	})
}

// withKey is a slog.Handler that logs what it finds in contexts.
type withKey struct{ slog.Handler }

type key struct{}

func (h withKey) Handle(ctx context.Context, r slog.Record) error {
	r.Add("found", ctx.Value(key{}))
	return h.Handler.Handle(ctx, r)
}

// Lines are logged with the handler's context, and those of the worker with the values of
// Run's.
func TestLogContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("orders")
		sendTo(t, q, "orders", 1)
		var out lines
		l := middleware.Log(slog.New(withKey{out.logger().Handler()}))
		inner := func(next worker.Handler) worker.Handler {
			return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
				return next.Handle(context.WithValue(ctx, key{}, "handler"), m)
			})
		}
		h := worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil })
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), key{}, "run"), time.Second)
		defer cancel()
		if err := worker.New(q, "orders", worker.Chain(inner, l.Handler)(h), l.Worker).Run(ctx); err != nil {
			t.Fatal(err)
		}
		if got := out.all(t, "handled")[0]["found"]; got != "handler" {
			t.Errorf("the handler's line has the context of %v", got)
		}
		if got := out.all(t, "stopped")[0]["found"]; got != "run" {
			t.Errorf("the worker's line has the context of %v", got)
		}
	})
}

// BenchmarkLog is what a line costs, written nowhere and not at all.
func BenchmarkLog(b *testing.B) {
	m := &worker.Message{Queue: "orders", ID: "b5e96a27-8f5e-4d4e-9f5a-0e2bb1e2e0c3", Type: "order", Attempts: 1, Receives: 1}
	done := worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil })
	for name, opt := range map[string]struct {
		at     slog.Level
		sample int
	}{"line": {slog.LevelInfo, 1}, "sampled": {slog.LevelInfo, 1000}, "disabled": {slog.LevelError, 1}} {
		b.Run(name, func(b *testing.B) {
			l := middleware.Log(slog.New(slog.NewJSONHandler(io.Discard, &slog.HandlerOptions{Level: opt.at})),
				func(o *middleware.LogOptions) { o.Sample = opt.sample })
			h := l.Handler(done)
			b.ReportAllocs()
			for b.Loop() {
				h.Handle(context.Background(), m)
			}
		})
	}
	b.Run("hook", func(b *testing.B) {
		var o worker.Options
		middleware.Log(slog.New(slog.NewJSONHandler(io.Discard, nil))).Worker(&o)
		e := worker.Event{Kind: worker.EventHandled, Queue: "orders", Message: m}
		b.ReportAllocs()
		for b.Loop() {
			o.Hook(context.Background(), e)
		}
	})
}
