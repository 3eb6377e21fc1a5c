package worker_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

// newHost makes a host of the queue orders at f.
func newHost(t *testing.T, f *fake, h worker.HandlerFunc, edit ...func(*worker.HostOptions)) *worker.Host {
	t.Helper()
	o := worker.HostOptions{Hook: func(ctx context.Context, e worker.Event) {
		if e.Worker != nil {
			t.Errorf("an event of a host has a worker: %v", e)
		}
		f.record(ctx, e)
	}}
	for _, f := range edit {
		f(&o)
	}
	host, err := worker.NewHost(f, "orders", h, o)
	if err != nil {
		t.Fatal(err)
	}
	return host
}

// deliver has in handled, in a session of its own, and settles what comes of it.
func deliver(h *worker.Host, in types.Message) (m *worker.Message, s worker.Settlement) {
	session := h.Open(context.Background())
	m = session.Message(in, time.Now())
	session.Deliver(context.Background(), m, func(got worker.Settlement) { s = got })
	session.Settle([]worker.Settlement{s})
	return m, s
}

func TestHostDelivers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		handler worker.HandlerFunc
		outcome worker.Outcome
		again   time.Duration
		change  string // what SQS is asked for
	}{
		{"nil", func(context.Context, *worker.Message) error { return nil }, worker.Done, 0, "[]"},
		{"an error", func(context.Context, *worker.Message) error { return errLost }, worker.Failed, 7 * time.Second, "[[{0#1 7}]]"},
		{"a panic", func(context.Context, *worker.Message) error { panic(errLost) }, worker.Failed, 7 * time.Second, "[[{0#1 7}]]"},
		{"Snooze", func(context.Context, *worker.Message) error { return worker.Snooze(time.Minute) }, worker.Snoozed, time.Minute, "[[{0#1 60}]]"},
		{"RetryAfter at once", func(context.Context, *worker.Message) error { return worker.RetryAfter(0, nil) }, worker.Failed, 0, "[[{0#1 0}]]"},
		{"the message's own Policy", func(_ context.Context, m *worker.Message) error {
			m.Policy().Retry = func(*worker.Message, error) time.Duration { return -1 }
			return errLost
		}, worker.Failed, -1, "[]"},
		{"DeadLetter without a queue for it", func(context.Context, *worker.Message) error { return worker.DeadLetter(errLost) }, worker.Failed, 7 * time.Second, "[[{0#1 7}]]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				h := newHost(t, f, c.handler, func(o *worker.HostOptions) {
					o.Policy.Retry = func(*worker.Message, error) time.Duration { return 7 * time.Second }
				})
				m, s := deliver(h, message("0", 1, "body"))
				if s.Message != m || s.Outcome != c.outcome || s.Again != c.again || s.Finished() != (c.outcome == worker.Done) {
					t.Errorf("settled %+v, want %v again in %v", s, c.outcome, c.again)
				}
				if got := fmt.Sprint(f.changes); got != c.change {
					t.Errorf("asked for %v, want %v", got, c.change)
				}
				if es := f.of(worker.EventHandled); len(es) != 1 || es[0].Outcome != c.outcome || es[0].Message != m || es[0].Err != s.Err {
					t.Errorf("the hook was told %v", es)
				}
			})
		})
	}
}

// What a worker fills in, a host does too, and what belongs to a worker does nothing.
func TestHostMakesMessages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		type key struct{}
		var seen *worker.Message
		h := newHost(t, f, func(ctx context.Context, m *worker.Message) error {
			seen, _ = worker.FromContext(ctx)
			if ctx.Value(key{}) != "value" {
				t.Error("the context has lost its values")
			}
			m.LimitLease(time.Hour)
			return nil
		}, func(o *worker.HostOptions) { o.URL = "https://sqs/1/orders" })
		in := message("0", 3, "body")
		in.Attributes["MessageGroupId"] = "tenant"
		in.MessageAttributes = map[string]types.MessageAttributeValue{"Quayside.Type": {DataType: new("String"), StringValue: new("paid")}}
		session := h.Open(context.Background())
		m := session.Message(in, time.Now())
		session.Deliver(context.WithValue(context.Background(), key{}, "value"), m, func(worker.Settlement) {})
		if seen != m || m.Queue != "orders" || m.ID != "0" || m.Body != "body" || m.Type != "paid" || m.Group != "tenant" ||
			m.Receives != 3 || m.Attempts != 3 || !m.ReceivedAt.Equal(time.Now()) || m.SentAt.IsZero() ||
			m.QueueURL() != "https://sqs/1/orders" || *m.SDK().ReceiptHandle != "0#3" {
			t.Errorf("the message is %+v", m)
		}
	})
}

func TestHostCountsAttempts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		errs := []error{worker.Snooze(0), errLost, worker.Snooze(0), nil, errLost}
		h := newHost(t, f, func(context.Context, *worker.Message) error {
			err := errs[0]
			errs = errs[1:]
			return err
		})
		var attempts []int
		for n := 1; n <= 3; n++ {
			m, _ := deliver(h, message("0", n, ""))
			attempts = append(attempts, m.Attempts)
		}
		session := h.Open(context.Background()) // what was not begun is no attempt either
		m := session.Message(message("0", 4, ""), time.Now())
		session.Settle([]worker.Settlement{{Message: m, Outcome: worker.Released, Err: errLost}})
		for n := 5; n <= 6; n++ { // done, and then somebody else's count
			m, _ := deliver(h, message("0", n, ""))
			attempts = append(attempts, m.Attempts)
		}
		if want := []int{1, 1, 2, 2, 6}; !slices.Equal(attempts, want) {
			t.Errorf("attempts %v, want %v", attempts, want)
		}
		if es := f.of(worker.EventReleased); len(es) != 1 || es[0].Err != errLost || es[0].Message != m {
			t.Errorf("the hook was told %v", es)
		}
	})
}

// Without a client nothing is asked, and nothing can be moved to a dead-letter queue.
func TestHostWithoutAClient(t *testing.T) {
	bubble(t, func(t *testing.T) {
		errs := map[string]error{"0": errLost, "1": worker.DeadLetter(errLost), "2": worker.Snooze(time.Hour), "3": nil}
		var told []string
		h, err := worker.NewHost(nil, "orders", worker.HandlerFunc(func(_ context.Context, m *worker.Message) error { return errs[m.ID] }),
			worker.HostOptions{Hook: func(_ context.Context, e worker.Event) { told = append(told, string(e.Kind)) }})
		if err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string]worker.Outcome{"0": worker.Failed, "1": worker.Failed, "2": worker.Snoozed, "3": worker.Done} {
			if _, s := deliver(h, message(id, 1, "")); s.Outcome != want {
				t.Errorf("%v is %v, want %v", errs[id], s.Outcome, want)
			}
		}
		slices.Sort(told)
		if want := "handled handled handled handled unsettled"; strings.Join(told, " ") != want { // the copy that could not be sent
			t.Errorf("the hook was told %v, want %v", told, want)
		}
	})
}

func TestHostHandlerThatEndsItsGoroutine(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		h := newHost(t, f, func(context.Context, *worker.Message) error { runtime.Goexit(); return nil })
		session := h.Open(context.Background())
		got := make(chan worker.Settlement, 1)
		go session.Deliver(context.Background(), session.Message(message("0", 1, ""), time.Now()), func(s worker.Settlement) { got <- s })
		if s := <-got; s.Outcome != worker.Failed || s.Err == nil {
			t.Errorf("settled %+v, want a failure", s)
		}
	})
}

// What an abandoned handler returns has no effect: no settlement, no event, no copy.
func TestHostAbandons(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{"done": nil, "failed": errLost, "to be buried": worker.DeadLetter(errLost)} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				sent := false
				q := &sender{fake: f, send: func() { sent = true }}
				host, _ := worker.NewHost(q, "orders", worker.HandlerFunc(func(context.Context, *worker.Message) error { time.Sleep(time.Minute); return err }),
					worker.HostOptions{DeadLetterQueue: "dead", Hook: f.record})
				session := host.Open(context.Background())
				m := session.Message(message("0", 1, ""), time.Now())
				var late sync.WaitGroup
				late.Go(func() {
					session.Deliver(context.Background(), m, func(s worker.Settlement) { t.Errorf("settled %+v", s) })
				})
				time.Sleep(time.Second)
				s, ok := session.Abandon(m)
				if !ok || s.Finished() || s.Again >= 0 || s.Message != m {
					t.Errorf("Abandon = %+v, %v", s, ok)
				}
				if _, again := session.Abandon(m); again {
					t.Error("it was abandoned twice")
				}
				session.Settle([]worker.Settlement{s})
				late.Wait()
				if len(f.events) != 1 || f.events[0].Kind != worker.EventAbandoned || f.events[0].Message.ID != "0" || sent || len(f.changes) > 0 {
					t.Errorf("told %v, changes %v, copy sent: %v", f.events, f.changes, sent)
				}
			})
		})
	}
}

type sender struct {
	*fake
	send func()
}

func (s *sender) SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	s.send()
	return &sqs.SendMessageOutput{}, nil
}

func TestNewHostReportsWhatIsWrong(t *testing.T) {
	t.Parallel()
	fine := worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil })
	x := worker.NewMux(nil)
	for _, c := range []struct {
		name   string
		client worker.HostClient
		queue  string
		h      worker.Handler
		want   string
	}{
		{"no queue", newFake(), "", fine, "queue"},
		{"no handler", newFake(), "orders", nil, "handler is nil"},
		{"a nil function", newFake(), "orders", worker.HandlerFunc(nil), "handler is nil"},
		{"a nil pointer", (*sqs.Client)(nil), "orders", fine, "nil pointer"},
		{"a Mux", newFake(), "orders", worker.Chain(func(h worker.Handler) worker.Handler { return h })(x), "route function is nil"},
		{"a Batch", newFake(), "orders", worker.Batch[int](0, 0, nil), "size is 0"},
		{"a Gather", newFake(), "orders", worker.Gather(0, -1, nil), "worker: Gather: size is 0"},
		{"misused", newFake(), "orders", worker.Misused(errLost), errLost.Error()},
		{"misused without an error", newFake(), "orders", worker.Misused(nil), "no error"},
	} {
		if h, err := worker.NewHost(c.client, c.queue, c.h, worker.HostOptions{}); h != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v; want an error with %q", c.name, h, err, c.want)
		}
	}
}

// A misused handler does not lose messages either.
func TestMisusedFailsMessages(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errLost} {
		if got := worker.Misused(err).Handle(t.Context(), &worker.Message{}); got == nil {
			t.Errorf("Misused(%v) handles messages", err)
		}
	}
}
