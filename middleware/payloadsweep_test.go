package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

// point sends messages that point to the objects of s, whose bodies are their keys.
func (d *dock) point(queue string, s *bodies, keys ...string) {
	d.t.Helper()
	if s.objects == nil {
		s.objects = make(map[string]string)
	}
	for _, key := range keys {
		s.objects[key] = key
		d.send(queue, payload.Pointer{Bucket: s.name, Key: key}.String(), func(in *sqs.SendMessageInput) {
			in.MessageAttributes = attributes{"ExtendedPayloadSize": number("1")}
		})
	}
}

// errands are a handler that does what bodies say.
var errands = worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
	oops := errors.New("oops")
	switch m.Body {
	case "discarded":
		return worker.Discard(oops)
	case "dead":
		return worker.DeadLetter(oops)
	case "snoozed":
		return worker.Snooze(time.Hour)
	case "failed":
		return worker.RetryAfter(time.Hour, oops)
	case "panics":
		panic(oops)
	}
	return nil
})

// Objects go with the messages that are deleted for good, and only after them.
func TestPayloadDeletes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs -> jobs-dlq")
		s := holding(nil)
		d.point("jobs", s, "done", "discarded", "dead", "snoozed", "failed", "panics", "missing", "buried")
		delete(s.objects, "missing")
		var confirmed sync.Map // keys
		s.ending = func(_ context.Context, key string) error {
			if _, ok := confirmed.Load(key); !ok {
				t.Errorf("%s is deleted before its message", key)
			}
			return nil
		}
		p := middleware.Payload(s)
		// What is outside has the last word: this one dead-letters what is done.
		bury := func(next worker.Handler) worker.Handler {
			return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
				err := next.Handle(ctx, m)
				if strings.Contains(m.Body, "buried") {
					err = worker.DeadLetter(errors.New("late"))
				}
				return err
			})
		}
		var ids sync.Map // of messages, to their keys
		h := worker.Chain(bury, p.Handler)(errands)
		stop := d.work("jobs", h, func(o *worker.Options) {
			o.Concurrency = 1
			o.Hook = func(_ context.Context, e worker.Event) {
				switch {
				case e.Kind == worker.EventHandled:
					at, _ := payload.ParsePointer(e.Message.Body)
					ids.Store(e.Message.ID, at.Key)
				case e.Action == "DeleteMessageBatch":
					for _, m := range e.Messages {
						key, _ := ids.Load(m.ID)
						confirmed.Store(key, true)
					}
				}
			}
		}, p.Worker)
		pass(900 * time.Millisecond) // what has failed comes back later
		if got, want := fmt.Sprint(s.keys()), "[buried dead failed panics snoozed]"; got != want {
			t.Errorf("the objects left are %s, want %s", got, want)
		}
		stop()

		// The copies in the dead-letter queue are pointers too, and theirs go with them.
		confirmed.Store("dead", true)
		confirmed.Store("buried", true)
		var seen []string
		stop = d.work("jobs-dlq", p.Handler(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
			seen = append(seen, m.Body)
			return nil
		})), p.Worker, func(o *worker.Options) { o.Concurrency = 1 })
		pass(time.Minute)
		stop()
		slices.Sort(seen)
		if got, want := fmt.Sprint(s.keys()), "[failed panics snoozed]"; got != want || fmt.Sprint(seen) != "[buried dead]" {
			t.Errorf("the dead-letter queue's worker has seen %q, and the objects left are %s, want %s", seen, got, want)
		}
		d.empty("jobs-dlq")
	})
}

// Without the option for worker.New, objects stay.
func TestPayloadKeeps(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs")
		s := holding(nil)
		d.point("jobs", s, "done")
		stop := d.work("jobs", middleware.Payload(s).Handler(errands))
		pass(time.Minute)
		stop()
		d.empty("jobs")
		if len(s.keys()) != 1 {
			t.Errorf("the objects left are %q", s.keys())
		}
	})
}

// What a store holds goes when its message does: not with a delete that SQS has refused,
// and not with one of which nothing was heard.
func TestPayloadDeleteUnconfirmed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs")
		s := holding(nil)
		d.point("jobs", s, "a", "b")
		p := middleware.Payload(s)
		c := &unwilling{dock: d}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error)
		go func() { ended <- worker.New(c, "jobs", p.Handler(errands), p.Worker).Run(ctx) }()
		pass(5 * time.Second)
		if c.tries.Load() == 0 || len(s.keys()) != 2 {
			t.Errorf("after %d deletes that were refused or failed, the objects left are %q", c.tries.Load(), s.keys())
		}
		c.well.Store(true)
		pass(time.Minute)
		if len(s.keys()) != 0 {
			t.Errorf("the objects left are %q, want none", s.keys())
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

// unwilling does not delete until it is well: it refuses each entry, or fails.
type unwilling struct {
	*dock
	well  atomic.Bool
	tries atomic.Int32
}

func (c *unwilling) DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	if c.well.Load() {
		return c.dock.DeleteMessageBatch(ctx, in, opts...)
	}
	if c.tries.Add(1)%2 == 0 {
		return nil, errors.New("connection reset")
	}
	out := &sqs.DeleteMessageBatchOutput{}
	for _, e := range in.Entries {
		out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: new("InternalError")})
	}
	return out, nil
}

// notes are what OnError was told.
type notes struct {
	mu   sync.Mutex
	keys []string
	errs []error
}

func (n *notes) take(o *middleware.PayloadOptions) {
	o.OnError = func(p payload.Pointer, err error) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.keys, n.errs = append(n.keys, p.Key), append(n.errs, err)
	}
}

// all returns what it was told so far.
func (n *notes) all() ([]string, []error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.keys), slices.Clone(n.errs)
}

func TestPayloadDeleteFails(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs")
		s := holding(nil)
		s.ending = func(ctx context.Context, key string) error {
			if key == "hangs" {
				<-ctx.Done()
				return ctx.Err()
			}
			return errBucket
		}
		d.point("jobs", s, "fails", "hangs")
		var told notes
		p := middleware.Payload(s, told.take)
		stop := d.work("jobs", p.Handler(errands), p.Worker)
		pass(9 * time.Second)
		keys, errs := told.all()
		if fmt.Sprint(keys) != "[fails]" || !errors.Is(errs[0], errBucket) {
			t.Errorf("told of %q: %v", keys, errs)
		}
		pass(2 * time.Second)
		keys, errs = told.all()
		if fmt.Sprint(keys) != "[fails hangs]" || !errors.Is(errs[1], context.DeadlineExceeded) {
			t.Errorf("told of %q: %v", keys, errs)
		}
		d.empty("jobs")
		stop()
	})
}

// Run returns when the deletes are over, and waits for them no longer than it should.
func TestPayloadStops(t *testing.T) {
	for _, test := range []struct {
		name        string
		takes, wait time.Duration // a delete; Run, after its context has ended
		left        int
	}{
		{"in time", time.Second, time.Second, 0},
		{"two rounds", 1500 * time.Millisecond, 2 * time.Second, 4},
		{"never", time.Hour, 2 * time.Second, 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newDock(t, "jobs")
				s := holding(nil)
				s.ending = func(ctx context.Context, _ string) error {
					select {
					case <-time.After(test.takes):
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				}
				n := 20
				if test.left == 0 {
					n = 10
				}
				for i := range n {
					d.point("jobs", s, fmt.Sprint(i))
				}
				var told notes
				p := middleware.Payload(s, told.take)
				begin := make(chan struct{})
				stop := d.work("jobs", p.Handler(worker.HandlerFunc(func(context.Context, *worker.Message) error {
					<-begin
					return nil
				})), p.Worker, func(o *worker.Options) { o.Concurrency = 100 })
				pass(time.Second)
				close(begin) // all are done, and deleted, while the worker stops
				start := time.Now()
				stop()
				if took := time.Since(start); took < test.wait || took > test.wait+200*time.Millisecond {
					t.Errorf("Run has returned after %v, want %v", took, test.wait)
				}
				if keys, errs := told.all(); len(keys) != test.left || len(s.keys()) != test.left {
					t.Errorf("told of %d: %v; %d objects left, want %d", len(keys), errs, len(s.keys()), test.left)
				}
				d.empty("jobs")
			})
		})
	}
}

// What waits to be deleted is bounded, and the hook waits for nothing.
func TestPayloadBacklog(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := holding(nil)
		s.objects = make(map[string]string)
		s.ending = func(ctx context.Context, _ string) error {
			<-ctx.Done()
			return ctx.Err()
		}
		var told notes
		p := middleware.Payload(s, told.take)
		var o worker.Options
		p.Worker(&o)
		h := p.Handler(errands)
		start := time.Now()
		for i := range 10_000 + 16 + 3 {
			key := fmt.Sprint(i)
			if err := s.Put(t.Context(), key, strings.NewReader(key), 0); err != nil {
				t.Fatal(err)
			}
			m := &worker.Message{Body: payload.Pointer{Bucket: "B", Key: key}.String(), Attributes: marked("ExtendedPayloadSize")}
			if err := h.Handle(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			o.Hook(t.Context(), worker.Event{Kind: worker.EventHandled, Message: m, Outcome: worker.Done})
			o.Hook(t.Context(), worker.Event{Kind: worker.EventRequest, Action: "DeleteMessageBatch", Messages: []*worker.Message{m}})
			if i < 16 {
				synctest.Wait() // until its goroutine has taken it
			}
		}
		keys, _ := told.all()
		if took := time.Since(start); took != 0 || fmt.Sprint(keys) != "[10016 10017 10018]" {
			t.Errorf("after %v, told of %q", took, keys)
		}
		o.Hook(t.Context(), worker.Event{Kind: worker.EventStopped})
		keys, _ = told.all()
		if took := time.Since(start); took != 2*time.Second || len(keys) != 10_019 {
			t.Errorf("after %v, told of %d objects", took, len(keys))
		}
	})
}

// A drain that has no more patience ends what waits for the store, and the message is not
// held to have failed.
func TestPayloadGetEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs")
		s := holding(nil)
		s.getting = func(ctx context.Context) error {
			<-ctx.Done()
			return fmt.Errorf("get: %w", ctx.Err())
		}
		d.point("jobs", s, "a")
		var outcomes []worker.Outcome
		p := middleware.Payload(s)
		stop := d.work("jobs", p.Handler(noCall(t)), p.Worker, func(o *worker.Options) {
			first := o.Hook
			o.Hook = func(ctx context.Context, e worker.Event) {
				first(ctx, e)
				if e.Kind == worker.EventHandled {
					outcomes = append(outcomes, e.Outcome)
				}
			}
		})
		pass(time.Second)
		stop()
		if fmt.Sprint(outcomes) != "[released]" || len(s.keys()) != 1 {
			t.Errorf("outcomes %v, objects left %q", outcomes, s.keys())
		}
	})
}

// One Payloads for two workers: each waits for its own deletes.
func TestPayloadTwoWorkers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "a", "b")
		s := holding(nil)
		s.ending = func(ctx context.Context, key string) error {
			if key == "slow" {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		d.point("a", s, "slow")
		d.point("b", s, "quick")
		var told notes
		p := middleware.Payload(s, told.take)
		stopA := d.work("a", p.Handler(errands), p.Worker)
		stopB := d.work("b", p.Handler(errands), p.Worker)
		pass(time.Second)
		start := time.Now()
		stopB()
		if took := time.Since(start); took != 0 {
			t.Errorf("b has stopped after %v", took)
		}
		stopA()
		keys, _ := told.all()
		if took := time.Since(start); took != 2*time.Second || fmt.Sprint(keys) != "[slow]" {
			t.Errorf("a has stopped after %v, told of %q", took, keys)
		}
	})
}
