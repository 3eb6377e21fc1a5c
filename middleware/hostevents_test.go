package middleware_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// Events of a worker.Host have no Worker, and hooks bear that, whatever the kind.
func TestHooksBearEventsWithoutAWorker(t *testing.T) {
	t.Parallel()
	m := newMeters(t)
	var o worker.Options
	for _, f := range []func(*worker.Options){
		m.Worker, newSpans().tracing().Worker, middleware.Payload(nil).Worker, middleware.Log(slog.New(slog.NewTextHandler(io.Discard, nil))).Worker,
	} {
		f(&o)
	}
	msg := &worker.Message{Queue: "orders", ID: "1", Body: "b"}
	for _, kind := range []worker.EventKind{
		worker.EventRequest, worker.EventHandled, worker.EventSkipped, worker.EventReleased, worker.EventLeaseLost, worker.EventPollers,
		worker.EventWarning, worker.EventAbandoned, worker.EventUnsettled, worker.EventDraining, worker.EventStopped,
	} {
		for _, err := range []error{nil, errors.New("lost")} {
			for _, action := range []string{"ReceiveMessage", "DeleteMessageBatch", "ChangeMessageVisibilityBatch", "SendMessage", "GetQueueUrl", "GetQueueAttributes"} {
				o.Hook(context.Background(), worker.Event{
					Kind: kind, Queue: "orders", URL: "https://sqs/1/orders", Action: action, Message: msg, Messages: []*worker.Message{msg},
					Outcome: worker.Done, Err: err, Start: time.Now(), Duration: time.Second,
				})
			}
		}
		if len(m.points(t)) == 0 { // which asks the workers that are known
			t.Errorf("nothing was counted at %q", kind)
		}
	}
}
