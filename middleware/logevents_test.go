package middleware_test

import (
	"context"
	"errors"
	"log"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// Of every kind of event: the line about it.
func TestLogEvents(t *testing.T) {
	t.Parallel()
	m := &worker.Message{Queue: "orders", ID: "1", Type: "order", Group: "g", Body: "secret"}
	stub := &worker.Message{Queue: "orders", ID: "1"}
	unclean := worker.DrainReport{Done: 1, Failed: 2, Released: 3, Abandoned: 4, Undeleted: 5}
	for _, test := range []struct {
		e    worker.Event
		want string // "": none
	}{
		{worker.Event{Kind: worker.EventHandled, Message: m, Outcome: worker.Failed, Err: errBroken},
			`{"level":"WARN","msg":"handled","queue":"orders","id":"1","type":"order","group":"g","attempts":0,"receives":0,"outcome":"failed","duration":0,"error":"broken"}`},
		{worker.Event{Kind: worker.EventRequest, Action: "ReceiveMessage", Messages: []*worker.Message{m}}, ""},
		{worker.Event{Kind: worker.EventRequest, Action: "ReceiveMessage", Err: worker.ErrDraining}, ""},
		{worker.Event{Kind: worker.EventRequest, Action: "DeleteMessageBatch", Messages: []*worker.Message{stub, stub}, Err: errBroken, Duration: time.Second, RequestID: "r"},
			`{"level":"WARN","msg":"request failed","queue":"orders","action":"DeleteMessageBatch","messages":2,"duration":1000000000,"error":"broken","request_id":"r"}`},
		{worker.Event{Kind: worker.EventRequest, Action: "GetQueueUrl", Err: errBroken},
			`{"level":"WARN","msg":"request failed","queue":"orders","action":"GetQueueUrl","messages":0,"duration":0,"error":"broken"}`},
		{worker.Event{Kind: worker.EventSkipped, Message: m},
			`{"level":"INFO","msg":"skipped","queue":"orders","id":"1","type":"order","group":"g"}`},
		{worker.Event{Kind: worker.EventReleased, Message: m, Err: errBroken},
			`{"level":"INFO","msg":"released","queue":"orders","id":"1","type":"order","group":"g","error":"broken"}`},
		{worker.Event{Kind: worker.EventLeaseLost, Message: stub, Err: worker.ErrLeaseLost},
			`{"level":"WARN","msg":"lease lost","queue":"orders","id":"1","error":"` + worker.ErrLeaseLost.Error() + `"}`},
		{worker.Event{Kind: worker.EventPollers, Count: 2}, `{"level":"DEBUG","msg":"pollers","queue":"orders","count":2}`},
		{worker.Event{Kind: worker.EventWarning, Err: errBroken}, `{"level":"WARN","msg":"warning","queue":"orders","error":"broken"}`},
		{worker.Event{Kind: worker.EventAbandoned, Message: m, Err: worker.ErrDraining},
			`{"level":"ERROR","msg":"abandoned","queue":"orders","id":"1","type":"order","group":"g","error":"` + worker.ErrDraining.Error() + `"}`},
		{worker.Event{Kind: worker.EventUnsettled, Action: "DeleteMessageBatch", Message: stub, Err: errBroken},
			`{"level":"WARN","msg":"unsettled","queue":"orders","id":"1","action":"DeleteMessageBatch","error":"broken"}`},
		{worker.Event{Kind: worker.EventDraining}, `{"level":"INFO","msg":"draining","queue":"orders"}`},
		{worker.Event{Kind: worker.EventDraining, Err: errBroken}, `{"level":"WARN","msg":"draining","queue":"orders","error":"broken"}`},
		{worker.Event{Kind: worker.EventStopped, Drained: worker.DrainReport{Done: 1}},
			`{"level":"INFO","msg":"stopped","queue":"orders","done":1,"failed":0,"released":0,"abandoned":0,"undeleted":0}`},
		{worker.Event{Kind: worker.EventStopped, Drained: unclean, Err: errBroken},
			`{"level":"WARN","msg":"stopped","queue":"orders","done":1,"failed":2,"released":3,"abandoned":4,"undeleted":5,"error":"broken"}`},
	} {
		var out lines
		var o worker.Options
		middleware.Log(out.logger()).Worker(&o)
		test.e.Queue, test.e.URL = "orders", "https://localhost/1/orders"
		o.Hook(t.Context(), test.e)
		all := out.all(t, "")
		switch {
		case test.want == "" && len(all) > 0, test.want != "" && len(all) != 1:
			t.Errorf("%s: the lines are %v, want %q", test.e.Kind, all, test.want)
		case test.want != "":
			alike(t, all[0], test.want)
		}
	}
}

// A worker under a fault: a line for each request that failed, and none for the others.
func TestLogWorker(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New(func(o *localqueue.Options) {
			o.Faults.Rules = []localqueue.Fault{{Kind: localqueue.Throttled, Action: "ReceiveMessage", Rate: 0.5}}
		})
		defer q.Close()
		q.MustCreate("orders")
		sendTo(t, q, "orders", 30)
		var out lines
		failed, told := 0, 0
		h := worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil })
		var mu sync.Mutex
		runFor(t, worker.New(q, "orders", h, func(o *worker.Options) {
			o.Hook = func(_ context.Context, e worker.Event) {
				mu.Lock()
				defer mu.Unlock()
				told++
				if e.Kind == worker.EventRequest && e.Err != nil && !errors.Is(e.Err, worker.ErrDraining) {
					failed++
				}
			}
		}, middleware.Log(out.logger()).Worker), time.Minute)
		all := out.all(t, "request failed")
		if failed == 0 || len(all) != failed {
			t.Fatalf("%d requests failed, and there are %d lines about it", failed, len(all))
		}
		if text := all[0]["error"].(string); !strings.Contains(text, "Throttl") {
			t.Errorf("the error is %q", text)
		}
		all[0]["error"] = ""
		alike(t, all[0], `{"level":"WARN","msg":"request failed","queue":"orders","action":"ReceiveMessage","messages":0,"duration":0,"error":""}`)
		for msg, n := range map[string]int{"warning": 1, "draining": 1, "stopped": 1, "handled": 30} { // it has no dead-letter queue
			if got := out.all(t, msg); len(got) != n {
				t.Errorf("the lines %q are %v, want %d", msg, got, n)
			}
		}
	})
}

// A producer's requests that failed, and messages that were refused.
func TestLogProducer(t *testing.T) {
	t.Parallel()
	for kind, want := range map[localqueue.FaultKind]string{
		"": "",
		localqueue.PartialBatch: `{"level":"WARN","msg":"message refused","queue":"orders.fifo","type":"order","group":"g",
			"error":"*"}`,
		localqueue.LostRequest: `{"level":"WARN","msg":"request failed","queue":"orders.fifo","action":"SendMessageBatch","messages":1,"duration":0,"error":"*"}`,
	} {
		t.Run("fault "+string(kind), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := localqueue.New(func(o *localqueue.Options) {
					if kind != "" {
						o.Faults.Rules = []localqueue.Fault{{Kind: kind, Action: "SendMessageBatch", Rate: 1}}
					}
				})
				defer q.Close()
				q.MustCreate("orders.fifo")
				var out lines
				p := producer.New(q, "orders.fifo", middleware.Log(out.logger()).Producer, func(o *producer.Options) { o.Tries = 1 })
				_, err := p.Send(t.Context(), producer.Message{Body: "secret", Type: "order", Group: "g", DeduplicationID: "1"})
				all := out.all(t, "")
				if (err != nil) != (want != "") || (len(all) == 1) != (want != "") {
					t.Fatalf("Send = %v, and the lines are %v, want %q", err, all, want)
				}
				if want != "" {
					alike(t, all[0], want)
				}
			})
		})
	}
}

// With several messages in a request, only those that were refused are logged, with the
// request they were in.
func TestLogRefused(t *testing.T) {
	t.Parallel()
	var out lines
	var o producer.Options
	l := middleware.Log(out.logger())
	l.Producer(&o)
	o.Hook(t.Context(), producer.Event{
		Queue: "orders", Action: "SendMessageBatch", RequestID: "r",
		Messages: []*producer.Message{{Type: "a"}, {Type: "b"}, {Type: "c"}}, Refused: []error{errBroken, nil, errBroken},
	})
	all := out.all(t, "")
	if len(all) != 2 {
		t.Fatalf("the lines are %v, want two", all)
	}
	alike(t, all[0], `{"level":"WARN","msg":"message refused","queue":"orders","type":"a","error":"broken","request_id":"r"}`)
	alike(t, all[1], `{"level":"WARN","msg":"message refused","queue":"orders","type":"c","error":"broken","request_id":"r"}`)
}

// Several workers and a producer share a Logging, one of them drained while it is busy.
func TestLogConcurrently(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("a", "b")
		var out lines
		l := middleware.Log(out.logger(), func(o *middleware.LogOptions) { o.Sample = 4 })
		var wg sync.WaitGroup
		for _, queue := range []string{"a", "b"} {
			p := producer.New(q, queue, l.Producer)
			for range 10 {
				wg.Go(func() {
					for range 20 {
						if _, err := p.Send(t.Context(), producer.Message{Body: "b"}); err != nil {
							t.Error(err)
						}
					}
				})
			}
			h := worker.HandlerFunc(func(context.Context, *worker.Message) error { time.Sleep(time.Millisecond); return nil })
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if err := worker.New(q, queue, l.Handler(h), l.Worker).Run(ctx); err != nil {
					t.Errorf("Run = %v", err)
				}
			})
		}
		wg.Wait()
		synctest.Wait()
		if got := len(out.all(t, "handled")); got != 100 {
			t.Errorf("there are %d lines about 400 messages, want every fourth", got)
		}
		if got := len(out.all(t, "stopped")); got != 2 {
			t.Errorf("there are %d lines about workers that have stopped, want 2", got)
		}
	})
}

// Without a logger, lines go to the default one. It runs alone: that one is everybody's.
func TestLogDefault(t *testing.T) {
	was, w, flags := slog.Default(), log.Writer(), log.Flags()
	var out lines
	slog.SetDefault(out.logger())
	l := middleware.Log(nil)
	slog.SetDefault(was)
	log.SetOutput(w) // SetDefault has changed these too
	log.SetFlags(flags)
	handle(l.Handler(worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil })), worker.Message{})
	if len(out.all(t, "handled")) != 1 {
		t.Error("nothing was logged to the default logger")
	}
}

// Of each message there is one line: the handler's, or the worker's if middleware outside
// has refused the message.
func TestLogOneLineEach(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("inbox -> inbox-dlq")
		sendTo(t, q, "inbox", 3) // no envelopes
		p := producer.New(q, "inbox")
		const envelope = `{"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:eu-west-1:1:t","Message":"m"}`
		if _, err := p.Send(t.Context(), producer.Message{Body: envelope}); err != nil {
			t.Fatal(err)
		}
		var out lines
		l := middleware.Log(out.logger())
		h := worker.Chain(middleware.SNS(), l.Handler)(worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil }))
		runFor(t, worker.New(q, "inbox", h, l.Worker), time.Second)
		outcomes := map[any]int{}
		for _, line := range out.all(t, "handled") {
			outcomes[line["outcome"]]++
		}
		if outcomes["done"] != 1 || outcomes["dead-lettered"] != 3 || len(outcomes) != 2 {
			t.Errorf("the lines have the outcomes %v, want one done and three dead-lettered", outcomes)
		}
	})
}
