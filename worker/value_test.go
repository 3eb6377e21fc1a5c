package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/quayside-go/quayside/worker"
)

type key struct{ name string }

func TestValue(t *testing.T) {
	t.Parallel()
	m := &worker.Message{}
	if got := m.Value(key{"a"}); got != nil {
		t.Errorf("an empty message has the value %v", got)
	}
	m.SetValue(key{"a"}, 1)
	m.SetValue(key{"b"}, 2)
	m.SetValue(key{"a"}, 3)
	m.SetValue("a", 4)
	for k, want := range map[any]any{key{"a"}: 3, key{"b"}: 2, "a": 4, "b": nil} {
		if got := m.Value(k); got != want {
			t.Errorf("Value(%v) = %v, want %v", k, got, want)
		}
	}
}

// What a handler leaves in its message is in the events of its settlement, and not in
// those of extensions, which are made while it may still change it.
func TestValueIsSettledAlong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err    error
		action string
	}{
		"done":   {nil, "DeleteMessageBatch"},
		"failed": {errLost, "ChangeMessageVisibilityBatch"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newTimed(message("a", 1, "x"))
				var settled, extended int
				w := start(t, f, "orders", func(_ context.Context, m *worker.Message) error {
					time.Sleep(45 * sec)
					m.SetValue(key{"a"}, "left")
					return test.err
				}, func(o *worker.Options) {
					o.Hook = func(_ context.Context, e worker.Event) {
						if e.Worker == nil || e.Queue != "orders" || e.URL == "" && e.Action != "GetQueueUrl" {
							t.Errorf("%s %s is of worker %p and queue %q, %q", e.Kind, e.Action, e.Worker, e.Queue, e.URL)
						}
						for _, m := range e.Messages {
							switch {
							case e.Extends && m.Value(key{"a"}) == nil:
								extended++
							case e.Action == test.action && !e.Extends && m.Value(key{"a"}) == "left":
								settled++
							case e.Action != "ReceiveMessage":
								t.Errorf("%s, Extends %t, has the value %v", e.Action, e.Extends, m.Value(key{"a"}))
							}
						}
					}
				})
				after(50 * sec)
				w.clean()
				if settled != 1 || extended != 1 {
					t.Errorf("%d settled with the value, %d extended without, want one each", settled, extended)
				}
			})
		})
	}
}

// OutcomeOf says what the worker makes of a handler's error.
func TestOutcomeOf(t *testing.T) {
	t.Parallel()
	draining, cancel := context.WithCancelCause(t.Context())
	cancel(worker.ErrDraining)
	cancelled, stop := context.WithCancel(t.Context())
	stop()
	decode := worker.JSON(func(context.Context, int) error { return nil }).Handle(t.Context(), &worker.Message{Body: "x"})
	for _, test := range []struct {
		ctx  context.Context
		err  error
		want worker.Outcome
	}{
		{t.Context(), nil, worker.Done},
		{draining, nil, worker.Done},
		{t.Context(), errLost, worker.Failed},
		{t.Context(), fmt.Errorf("x: %w", worker.Discard(errLost)), worker.Discarded},
		{t.Context(), worker.DeadLetter(nil), worker.DeadLettered},
		{t.Context(), decode, worker.DeadLettered},
		{t.Context(), worker.Snooze(0), worker.Snoozed},
		{t.Context(), worker.RetryAfter(sec, nil), worker.Failed},
		{t.Context(), worker.RetryAfter(sec, worker.Discard(nil)), worker.Failed},
		{t.Context(), errors.Join(errLost, worker.Snooze(0)), worker.Snoozed},
		{draining, context.Canceled, worker.Released},
		{draining, fmt.Errorf("x: %w", worker.ErrDraining), worker.Released},
		{draining, errLost, worker.Failed},
		{draining, worker.Discard(context.Canceled), worker.Discarded},
		{cancelled, context.Canceled, worker.Failed},
	} {
		plain := test.want == worker.Done || test.want == worker.Released || test.err == errLost || test.err == context.Canceled
		if got := worker.Decides(test.err); got == plain {
			t.Errorf("Decides(%v) = %t", test.err, got)
		}
		if got := worker.OutcomeOf(test.ctx, test.err); got != test.want {
			t.Errorf("OutcomeOf(%v, %v) = %s, want %s", context.Cause(test.ctx), test.err, got, test.want)
		}
	}
}

func TestQueueURL(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 1)
		got := make(chan string, 1)
		w := start(t, q, "orders", func(_ context.Context, m *worker.Message) error {
			got <- m.QueueURL()
			return nil
		})
		if url := <-got; url != *q.url("orders") {
			t.Errorf("QueueURL() = %q, want %q", url, *q.url("orders"))
		}
		w.clean()
		if url := (&worker.Message{}).QueueURL(); url != "" {
			t.Errorf("QueueURL() of a message of no worker is %q", url)
		}
	})
}

// What becomes of a message whose handler was abandoned is told without looking at what
// that still changes. The race detector sees it.
func TestAbandonedMessageIsLeftToItsHandler(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.put(message("a", 1, "x"))
	began, released := make(chan struct{}), make(chan struct{})
	w := start(t, f, "orders", func(_ context.Context, m *worker.Message) error {
		close(began)
		for {
			m.Type, m.Body = "another", "another"
			m.SetValue(key{"a"}, "left")
			select {
			case <-released:
				return nil
			default:
			}
		}
	}, func(o *worker.Options) {
		o.DrainTimeout, o.CancelTimeout = time.Millisecond, time.Millisecond
		o.Hook = func(_ context.Context, e worker.Event) {
			if e.Kind == worker.EventAbandoned && e.Message.Type != "" {
				t.Errorf("the event of the abandoned message has the type %q", e.Message.Type)
			}
		}
	})
	<-began
	err := w.drain()
	close(released)
	if drained := new(worker.DrainError); !errors.As(err, &drained) || drained.Abandoned != 1 {
		t.Errorf("Run = %v, want one abandoned", err)
	}
}

// The event of a batch says which of its messages SQS did not take.
func TestRefusedIsTold(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("a", 1, "x"), message("b", 1, "x"))
		f.onDelete = func(call int, in *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
			if call == 1 {
				return takenBut("b", in), nil
			}
			return takenBut("", in), nil
		}
		var told []string
		w := start(t, f, "orders", func(context.Context, *worker.Message) error { return nil }, func(o *worker.Options) {
			o.Hook = func(_ context.Context, e worker.Event) {
				for i, m := range e.Messages {
					if e.Action == "DeleteMessageBatch" && len(e.Refused) == len(e.Messages) {
						told = append(told, fmt.Sprint(m.ID, " ", e.Refused[i] != nil))
					}
				}
			}
		})
		after(sec)
		w.clean()
		if !slices.Equal(told, []string{"a false", "b true"}) {
			t.Errorf("told of %v, want a taken and b refused", told)
		}
	})
}
