package middleware_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// Strange messages, called without a worker, are failures at most.
func TestStrangeMessages(t *testing.T) {
	t.Parallel()
	metrics, err := middleware.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	tr := middleware.Trace(nil)
	logs := middleware.Log(slog.New(slog.NewTextHandler(io.Discard, nil)), nil)
	for i, m := range []*worker.Message{
		{}, {Body: "{}"}, {Body: `{"Type":"Notification","MessageId":"1","TopicArn":"a","Message":"m","MessageAttributes":{"Quayside.Type":{}}}`},
		{Attributes: attributes{"Quayside.Codec": {}, "traceparent": {}}}, {Attributes: attributes{"Quayside.Codec": text("gzip")}},
		{ID: "1", Attempts: -1, Receives: -1}, {Queue: "q", ID: "i", Group: "g", DeduplicationID: "d"},
	} {
		for name, mw := range map[string]worker.Middleware{
			"SNS": middleware.SNS(nil), "Decompress": middleware.Decompress(nil), "Trace": tr.Handler, "Log": logs.Handler,
			"DeadLetter": middleware.DeadLetter(1, nil), "Retry": middleware.Retry(nil), "Idempotent": middleware.Idempotent(middleware.NewMemoryStore(nil), nil),
			"Concurrency": middleware.Concurrency(1), "Timeout": middleware.Timeout(-1), "Extend": middleware.ExtendVisibility(-1),
			"Batch": middleware.BatchDelete(-1), "Recover": middleware.Recover(),
		} {
			for _, err := range []error{nil, fmt.Errorf("no")} {
				if p, _ := handled(t.Context(), mw(worker.HandlerFunc(func(context.Context, *worker.Message) error { return err })), m); p != nil {
					t.Errorf("%s panics with message %d: %v", name, i, p)
				}
			}
		}
	}
	for _, e := range []worker.Event{{}, {Kind: worker.EventRequest}, {Kind: worker.EventRequest, Action: "SendMessage"}, {Kind: worker.EventHandled},
		{Kind: worker.EventReleased}, {Kind: worker.EventPollers}, {Kind: worker.EventStopped}, {Kind: worker.EventUnsettled, Messages: []*worker.Message{{}}}} {
		for _, opt := range []func(*worker.Options){tr.Worker, metrics.Worker, logs.Worker} {
			var o worker.Options
			opt(&o)
			o.Hook(t.Context(), e)
		}
	}
	for _, e := range []producer.Event{{}, {Action: "SendMessageBatch"}, {Action: "SendMessageBatch", Messages: []*producer.Message{{}}, Refused: []error{io.EOF}}} {
		for _, opt := range []func(*producer.Options){tr.Producer, metrics.Producer, logs.Producer} {
			var o producer.Options
			opt(&o)
			o.Hook(t.Context(), e)
		}
	}
}
