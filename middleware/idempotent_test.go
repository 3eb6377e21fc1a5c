package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// byBody takes the body for the key.
func byBody(o *middleware.IdempotentOptions) {
	o.Key = func(m *worker.Message) (string, error) { return m.Body, nil }
}

func TestIdempotentRemembers(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, test := range []struct {
		name     string
		returned func() error
		calls    int // for two copies
		outcome  worker.Outcome
		text     string // of the error for the second
	}{
		{"done", func() error { return nil }, 1, worker.Done, ""},
		{"discard", func() error { return worker.Discard(broken) }, 1, worker.Discarded, "discard: broken"},
		{"discard without reason", func() error { return worker.Discard(nil) }, 1, worker.Discarded, "discard"},
		{"discard wrapped", func() error { return fmt.Errorf("a: %w", worker.Discard(broken)) }, 1, worker.Discarded, "discard: a: discard: broken"},
		{"failure", func() error { return broken }, 2, worker.Failed, "broken"},
		{"retry", func() error { return worker.RetryAfter(time.Second, nil) }, 2, worker.Failed, "retry after 1s"},
		{"snooze", func() error { return worker.Snooze(time.Second) }, 2, worker.Snoozed, "snooze for 1s"},
		{"dead letter", func() error { return worker.DeadLetter(broken) }, 2, worker.DeadLettered, "dead-letter: broken"},
		{"undecodable", func() error { return &worker.DecodeError{Type: "T", Err: broken} }, 2, worker.DeadLettered, "decode body as T: broken"},
		{"panic", func() error { panic("oh") }, 2, "panic", "oh"},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				calls := 0
				h := middleware.Idempotent(middleware.NewMemoryStore())(worker.HandlerFunc(func(context.Context, *worker.Message) error {
					calls++
					return test.returned()
				}))
				for range 2 {
					panicked, err := handled(t.Context(), h, &worker.Message{Queue: "orders", ID: "1"})
					outcome, text := worker.OutcomeOf(t.Context(), err), fmt.Sprint(err)
					if panicked != nil {
						outcome, text = "panic", fmt.Sprint(panicked)
					}
					if outcome != test.outcome || err != nil && calls == 2 && text != test.text {
						t.Errorf("outcome %q, %q; want %q, %q", outcome, text, test.outcome, test.text)
					}
					if test.calls == 1 && err != nil && !strings.HasSuffix(text, strings.TrimPrefix(test.text, "discard: ")) {
						t.Errorf("error %q, want %q", text, test.text)
					}
				}
				if calls != test.calls {
					t.Errorf("the handler was called %d times for two copies, want %d", calls, test.calls)
				}
			})
		})
	}
}

// A copy that comes while the first is handled waits until that is done, however long it
// takes, and then is done as well.
func TestIdempotentConflict(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newDock(t, "orders")
		var calls, snoozed, done atomic.Int32
		h := middleware.Idempotent(middleware.NewMemoryStore(), byBody)(worker.HandlerFunc(func(context.Context, *worker.Message) error {
			calls.Add(1)
			time.Sleep(10 * time.Minute)
			return nil
		}))
		hook := func(o *worker.Options) {
			o.Hook = func(_ context.Context, e worker.Event) {
				switch {
				case e.Kind != worker.EventHandled:
				case e.Outcome == worker.Snoozed:
					snoozed.Add(1)
				case e.Outcome == worker.Done:
					done.Add(1)
				}
			}
		}
		stops := []func(){q.work("orders", h, hook), q.work("orders", h, hook)}
		q.send("orders", "42", nil)
		pass(time.Second)
		q.send("orders", "42", nil)
		pass(time.Second)
		if n := snoozed.Load(); n != 1 {
			t.Errorf("the copy was snoozed %d times at once, want 1", n)
		}
		pass(10*time.Minute - 3*time.Second)
		if d := done.Load(); d != 0 {
			t.Errorf("%d messages are done while the first is handled, want none", d)
		}
		pass(time.Minute + 2*time.Second) // the claim lasts no longer than that
		if c, d, s := calls.Load(), done.Load(), snoozed.Load(); c != 1 || d != 2 || s < 10 || s > 16 {
			t.Errorf("%d calls, %d done, snoozed %d times; want 1, 2 and about 10 to 15", c, d, s)
		}
		for _, stop := range stops {
			stop()
		}
		q.empty("orders")
	})
}

// What waits for a claim comes back when that has run out, within bounds.
func TestIdempotentWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		now := time.Now()
		for _, test := range []struct {
			expires int64
			want    time.Duration
		}{
			{now.Add(20 * time.Second).UnixMilli(), 20*time.Second + time.Millisecond},
			{now.UnixMilli(), time.Second},
			{now.Add(time.Hour).UnixMilli(), time.Minute},
			{0, time.Minute}, // it does not say
		} {
			s := middleware.NewMemoryStore()
			r := middleware.Record{
				ID: "orders#1", Status: middleware.InProgress, Owner: "other",
				Expiration: now.Add(time.Hour).Unix(), InProgressExpiration: test.expires,
			}
			if _, err := s.Claim(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			err := middleware.Idempotent(s)(noCall(t)).Handle(t.Context(), &worker.Message{Queue: "orders", ID: "1"})
			if want := worker.Snooze(test.want); fmt.Sprint(err) != want.Error() || worker.OutcomeOf(t.Context(), err) != worker.Snoozed {
				t.Errorf("Handle = %v, want %v", err, want)
			}
		}
	})
}

// A process that has died leaves a claim, which others wait for no longer than LockFor.
func TestIdempotentAfterCrash(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newDock(t, "orders")
		s := middleware.NewMemoryStore()
		r := middleware.Record{
			ID: "shop#42", Status: middleware.InProgress, Owner: "dead",
			Expiration: time.Now().Add(time.Hour).Unix(), InProgressExpiration: time.Now().Add(30 * time.Second).UnixMilli(),
		}
		if _, err := s.Claim(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		var calls atomic.Int32
		prefix := func(o *middleware.IdempotentOptions) { o.Prefix = "shop" }
		stop := q.work("orders", middleware.Idempotent(s, byBody, prefix)(worker.HandlerFunc(func(context.Context, *worker.Message) error {
			calls.Add(1)
			return nil
		})))
		q.send("orders", "42", nil)
		pass(30 * time.Second)
		if n := calls.Load(); n != 0 {
			t.Errorf("%d calls while the claim lasts, want none", n)
		}
		pass(2 * time.Second)
		if n := calls.Load(); n != 1 {
			t.Errorf("%d calls after the claim, want 1", n)
		}
		stop()
		q.empty("orders")
	})
}

// A claim that another has taken is neither completed nor released, and the handler
// hears of it.
func TestIdempotentClaimLost(t *testing.T) {
	t.Parallel()
	for _, returned := range []error{nil, errors.New("broken"), worker.Discard(nil)} {
		t.Run(fmt.Sprint(returned), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := &faultyStore{Store: middleware.NewMemoryStore()}
				var told []error
				h := middleware.Idempotent(s, telling(&told))(worker.HandlerFunc(func(ctx context.Context, _ *worker.Message) error {
					s.lose(t, ctx, "orders#1")
					<-ctx.Done()
					if cause := context.Cause(ctx); cause != middleware.ErrClaimLost {
						t.Errorf("the cause is %v, want ErrClaimLost", cause)
					}
					return returned
				}))
				start := time.Now()
				if err := h.Handle(t.Context(), &worker.Message{Queue: "orders", ID: "1"}); err != returned {
					t.Errorf("Handle = %v, want %v", err, returned)
				}
				if d := time.Since(start); d != middleware.DefaultLockFor/3 {
					t.Errorf("the handler was cancelled after %v, want %v", d, middleware.DefaultLockFor/3)
				}
				held, err := s.Claim(t.Context(), middleware.Record{ID: "orders#1", Owner: "third"})
				if held.Owner != "other" || held.Status != middleware.InProgress || err != nil {
					t.Errorf("the store has %+v, %v; want the other's claim", held, err)
				}
				if len(told) != 2 || !errors.Is(told[0], middleware.ErrClaimLost) || !errors.Is(told[1], middleware.ErrClaimLost) {
					t.Errorf("OnError was told %v, want ErrClaimLost by the renewal and at the end", told)
				}
			})
		})
	}
}

func TestIdempotentKeep(t *testing.T) {
	bubble(t, func(t *testing.T) {
		calls := 0
		h := middleware.Idempotent(middleware.NewMemoryStore())(worker.HandlerFunc(func(context.Context, *worker.Message) error {
			calls++
			return nil
		}))
		for i, test := range []struct {
			wait time.Duration
			want int
		}{{0, 1}, {middleware.DefaultKeep, 1}, {time.Second, 2}, {0, 2}} {
			pass(test.wait)
			if err := h.Handle(t.Context(), &worker.Message{Queue: "orders", ID: "1"}); err != nil || calls != test.want {
				t.Errorf("%d: Handle = %v after %d calls, want nil and %d", i, err, calls, test.want)
			}
		}
	})
}

func TestIdempotentValidation(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := middleware.NewMemoryStore()
		options := func(o *middleware.IdempotentOptions) {
			o.Key = func(*worker.Message) (string, error) { return "key", nil }
			o.Validation = func(m *worker.Message) string { return m.Body }
		}
		ok := worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil })
		for _, test := range []struct {
			body string
			next worker.Handler
			want error
		}{{"a", ok, nil}, {"a", noCall(t), nil}, {"b", noCall(t), middleware.ErrKeyReused}, {"", noCall(t), nil}} {
			err := middleware.Idempotent(s, options)(test.next).Handle(t.Context(), &worker.Message{Body: test.body})
			if !errors.Is(err, test.want) {
				t.Errorf("Handle(%q) = %v, want %v", test.body, err, test.want)
			}
			if test.want != nil && worker.OutcomeOf(t.Context(), err) != worker.DeadLettered {
				t.Errorf("Handle(%q) = %v, want it to dead-letter", test.body, err)
			}
		}
	})
}

func TestIdempotentKey(t *testing.T) {
	bubble(t, func(t *testing.T) {
		broken := errors.New("broken")
		key := "" // no claim: every copy is handled
		s, calls := middleware.NewMemoryStore(), 0
		h := middleware.Idempotent(s, func(o *middleware.IdempotentOptions) {
			o.Key = func(*worker.Message) (string, error) {
				if key == "bad" {
					return key, worker.Discard(broken)
				}
				return key, nil
			}
		})(worker.HandlerFunc(func(context.Context, *worker.Message) error {
			calls++
			return nil
		}))
		for range 2 {
			if err := h.Handle(t.Context(), &worker.Message{ID: "1"}); err != nil {
				t.Errorf("Handle = %v", err)
			}
		}
		key = "bad"
		err := h.Handle(t.Context(), &worker.Message{ID: "1"})
		if !errors.Is(err, broken) || worker.OutcomeOf(t.Context(), err) != worker.Discarded {
			t.Errorf("Handle = %v, want the error of Key", err)
		}
		if calls != 2 || s.Len() != 0 {
			t.Errorf("%d calls and %d records, want 2 and 0", calls, s.Len())
		}
	})
}

// Messages with the sender's deduplication id are copies of each other within their
// group, those that say the same are not.
func TestIdempotentDefaultKey(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newDock(t, "orders.fifo", "contents.fifo")
		q.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
			QueueUrl: q.url("contents.fifo"), Attributes: map[string]string{"ContentBasedDeduplication": "true"},
		})
		var calls atomic.Int32
		s := middleware.NewMemoryStore()
		h := middleware.Idempotent(s)(worker.HandlerFunc(func(context.Context, *worker.Message) error {
			calls.Add(1)
			return nil
		}))
		stops := []func(){q.work("orders.fifo", h), q.work("contents.fifo", h)}
		for range 2 {
			for _, group := range []string{"a", "b"} {
				q.send("orders.fifo", "x", func(in *sqs.SendMessageInput) {
					in.MessageGroupId, in.MessageDeduplicationId = &group, new("id-"+group)
				})
				q.send("contents.fifo", "of "+group, func(in *sqs.SendMessageInput) { in.MessageGroupId = &group })
			}
			pass(6 * time.Minute) // the queue has forgotten the ids
		}
		if n := calls.Load(); n != 2+4 {
			t.Errorf("%d calls, want 2 for the ids of the sender and 4 for those of contents", n)
		}
		for _, stop := range stops {
			stop()
		}
		q.empty("orders.fifo")
		q.empty("contents.fifo")
	})
}

func TestIdempotentConcurrently(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		running, done := map[string]bool{}, map[string]int{}
		h := middleware.Idempotent(middleware.NewMemoryStore(), byBody)(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
			mu.Lock()
			if running[m.Body] {
				t.Errorf("%s is handled twice at once", m.Body)
			}
			running[m.Body] = true
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			defer mu.Unlock()
			running[m.Body] = false
			if m.Receives%3 == 1 {
				return errors.New("broken")
			}
			done[m.Body]++
			return nil
		}))
		for i := range 300 {
			go func() {
				for receives := i % 3; ; receives++ {
					err := h.Handle(t.Context(), &worker.Message{Body: fmt.Sprint(i % 20), Receives: receives})
					if err == nil {
						return
					}
					time.Sleep(time.Duration(100+i) * time.Millisecond)
				}
			}()
		}
		pass(time.Hour)
		mu.Lock()
		defer mu.Unlock()
		for i := range 20 {
			if n := done[fmt.Sprint(i)]; n != 1 {
				t.Errorf("%d was done %d times, want once", i, n)
			}
		}
	})
}

func TestIdempotentWithoutStore(t *testing.T) {
	t.Parallel()
	if err := middleware.Idempotent(nil)(noCall(t)).Handle(t.Context(), &worker.Message{ID: "1"}); err == nil {
		t.Error("Handle = nil without a store")
	}
}

// A handler that ends its goroutine, as testing.T.FailNow does, leaves no claim.
func TestIdempotentGoexit(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := middleware.NewMemoryStore()
		h := middleware.Idempotent(s)(worker.HandlerFunc(func(context.Context, *worker.Message) error {
			runtime.Goexit()
			return nil
		}))
		go h.Handle(t.Context(), &worker.Message{ID: "1"})
		synctest.Wait()
		if n := s.Len(); n != 0 {
			t.Errorf("%d records are left, want none", n)
		}
	})
}
