package worker_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/worker"
)

var errMiddle = errors.New("not this one")

// batches is a function for worker.Batch that writes down what it is called with.
type batches struct {
	answer func(ctx context.Context, vs []int) []error // nil: all done

	mu   sync.Mutex
	got  [][]int
	when []time.Time
}

func (b *batches) handle(ctx context.Context, vs []int) []error {
	b.mu.Lock()
	b.got, b.when = append(b.got, slices.Clone(vs)), append(b.when, time.Now())
	b.mu.Unlock()
	if b.answer == nil {
		return nil
	}
	return b.answer(ctx, vs)
}

// want fails the test unless the batches so far are these, each sorted.
func (b *batches) want(t *testing.T, want ...[]int) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var got [][]int
	for _, vs := range b.got {
		got = append(got, slices.Sorted(slices.Values(vs)))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v after the start the batches were %v, want %v", time.Since(epoch), got, want)
	}
}

// epoch is when every bubble begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// caller is a call of Handle under way.
type caller struct {
	done chan struct{}
	err  error
}

// call has h handle a message with v as its body.
func call(ctx context.Context, h worker.Handler, v int) *caller {
	c := &caller{done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.err = errors.New("Handle did not return")
		c.err = h.Handle(ctx, &worker.Message{ID: strconv.Itoa(v), Body: strconv.Itoa(v)})
	}()
	return c
}

// pending fails the test if the call has returned.
func (c *caller) pending(t *testing.T) {
	t.Helper()
	synctest.Wait()
	select {
	case <-c.done:
		t.Errorf("%v after the start Handle has returned %v, want it to wait", time.Since(epoch), c.err)
	default:
	}
}

// result returns what the call has returned, which it must have by now.
func (c *caller) result(t *testing.T) error {
	t.Helper()
	synctest.Wait()
	select {
	case <-c.done:
		return c.err
	default:
		t.Fatalf("%v after the start Handle has not returned", time.Since(epoch))
		return nil
	}
}

func calls(ctx context.Context, h worker.Handler, n int) []*caller {
	cs := make([]*caller, n)
	for i := range cs {
		cs[i] = call(ctx, h, i)
	}
	return cs
}

func TestBatchRunsWhenFull(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var b batches
		h := worker.Batch(3, time.Hour, b.handle)
		cs := calls(t.Context(), h, 2)
		cs[0].pending(t)
		b.want(t)
		cs = append(cs, call(t.Context(), h, 2))
		for _, c := range cs {
			if err := c.result(t); err != nil {
				t.Errorf("Handle = %v, want nil", err)
			}
		}
		b.want(t, []int{0, 1, 2})
	})
}

func TestBatchRunsWhenTheFirstHasWaited(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var b batches
		h := worker.Batch(10, time.Second, b.handle)
		call(t.Context(), h, 1)
		after(999 * time.Millisecond)
		c := call(t.Context(), h, 2)
		c.pending(t)
		after(time.Millisecond)
		b.want(t, []int{1, 2})
		c.result(t)
		// A message alone waits too, from when it came.
		c = call(t.Context(), h, 3)
		after(time.Second - 1)
		c.pending(t)
		after(1)
		c.result(t)
		b.want(t, []int{1, 2}, []int{3})
	})
}

func TestBatchWithoutWaiting(t *testing.T) {
	t.Parallel()
	for _, h := range []func(*batches) worker.Handler{
		func(b *batches) worker.Handler { return worker.Batch(10, 0, b.handle) },
		func(b *batches) worker.Handler { return worker.Batch(1, time.Hour, b.handle) },
	} {
		var b batches
		if err := h(&b).Handle(t.Context(), &worker.Message{Body: "7"}); err != nil {
			t.Errorf("Handle = %v, want nil", err)
		}
		b.want(t, []int{7})
	}
}

// The timer of a batch that was full, or that all have left, is not the next one's.
func TestBatchTimersDoNotOutliveTheirBatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var b batches
		h := worker.Batch(2, time.Second, b.handle)
		for i := range 2 { // full half a second after the first came
			call(t.Context(), h, i)
			after(500 * time.Millisecond)
		}
		b.want(t, []int{0, 1})
		ctx, cancel := context.WithCancel(t.Context())
		left := call(ctx, h, 2)
		after(500 * time.Millisecond)
		cancel()
		if err := left.result(t); !errors.Is(err, context.Canceled) {
			t.Errorf("Handle = %v, want context.Canceled", err)
		}
		call(t.Context(), h, 3)
		after(time.Second - 1)
		b.want(t, []int{0, 1})
		after(1)
		b.want(t, []int{0, 1}, []int{3})
	})
}

// While one batch runs, the next one gathers and runs.
func TestBatchesRunConcurrently(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := batches{answer: func(ctx context.Context, _ []int) []error { time.Sleep(time.Minute); return nil }}
		h := worker.Batch(2, time.Second, b.handle)
		for i := range 5 {
			call(t.Context(), h, i)
			synctest.Wait()
		}
		after(time.Second)
		b.want(t, []int{0, 1}, []int{2, 3}, []int{4})
		after(time.Minute)
	})
}

// Each message gets the outcome that stands in its place.
func TestBatchErrorsAreAligned(t *testing.T) {
	bubble(t, func(t *testing.T) {
		outcomes := []error{
			nil, errMiddle, worker.RetryAfter(time.Minute, errMiddle), worker.Discard(errMiddle),
			worker.DeadLetter(errMiddle), worker.Snooze(time.Hour),
		}
		b := batches{answer: func(_ context.Context, vs []int) []error {
			errs := make([]error, len(vs))
			for i, v := range vs {
				errs[i] = outcomes[v]
			}
			return errs
		}}
		h := worker.Batch(len(outcomes), time.Second, b.handle)
		for i, c := range calls(t.Context(), h, len(outcomes)) {
			if err := c.result(t); err != outcomes[i] {
				t.Errorf("message %d: Handle = %v, want %v itself", i, err, outcomes[i])
			}
		}
	})
}

// Whatever f does but answer, none of its messages counts as done.
func TestBatchWithoutAnAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		f     func(context.Context, []int) []error
		right func(error) bool
	}{
		"too few": {func(context.Context, []int) []error { return make([]error, 2) },
			func(err error) bool { return strings.Contains(err.Error(), "2 errors for 3 messages") }},
		"too many": {func(context.Context, []int) []error { return make([]error, 4) },
			func(err error) bool { return strings.Contains(err.Error(), "4 errors for 3 messages") }},
		"empty": {func(context.Context, []int) []error { return []error{} },
			func(err error) bool { return strings.Contains(err.Error(), "0 errors for 3 messages") }},
		"panic": {func(context.Context, []int) []error { panic(errMiddle) }, func(err error) bool {
			var p *worker.PanicError
			return errors.As(err, &p) && errors.Is(err, errMiddle) && strings.Contains(string(p.Stack), "batch_test.go")
		}},
		"Goexit": {func(context.Context, []int) []error { runtime.Goexit(); return nil },
			func(err error) bool { return strings.Contains(err.Error(), "runtime.Goexit") }},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				for _, size := range []int{3, 4} { // full; or by the timer
					b := batches{answer: test.f}
					h := worker.Batch(size, time.Second, b.handle)
					cs := calls(t.Context(), h, 3)
					after(time.Second)
					for _, c := range cs {
						if err := c.result(t); err == nil || !test.right(err) {
							t.Errorf("Handle = %v", err)
						}
					}
					b.answer = nil // and the next batch is as good as new
					c := call(t.Context(), h, 9)
					after(time.Second)
					if err := c.result(t); err != nil {
						t.Errorf("after that, Handle = %v, want nil", err)
					}
				}
			})
		})
	}
}

func TestBatchUndecodableFailsAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var b batches
		h := worker.Batch(2, time.Hour, b.handle)
		c := call(t.Context(), h, 1)
		var d *worker.DecodeError
		if err := h.Handle(t.Context(), &worker.Message{Body: `"x"`}); !errors.As(err, &d) || d.Type != "int" {
			t.Errorf("Handle = %v, want a *DecodeError for int", err)
		}
		c.pending(t)
		call(t.Context(), h, 2)
		c.result(t)
		b.want(t, []int{1, 2})
	})
}

func TestBatchContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		type key struct{}
		checked := false
		h := worker.Batch(2, time.Second, func(ctx context.Context, vs []int) []error {
			checked = true
			if m, ok := worker.FromContext(ctx); m != nil || ok {
				t.Errorf("FromContext = %v, %v, want no message", m, ok)
			}
			ms, ctxs := worker.BatchMessages(ctx), worker.BatchContexts(ctx)
			if len(ms) != len(vs) || len(ctxs) != len(vs) {
				t.Fatalf("%d values come with %d messages and %d contexts", len(vs), len(ms), len(ctxs))
			}
			if ctx.Value(key{}) != vs[0] {
				t.Errorf("the context has the value of message %v, want that of the first, %d", ctx.Value(key{}), vs[0])
			}
			for i, v := range vs {
				m, _ := worker.FromContext(ctxs[i])
				if ms[i].ID != strconv.Itoa(v) || m != ms[i] || ctxs[i].Value(key{}) != v {
					t.Errorf("value %d came with message %v and the context of message %v", v, ms[i], ctxs[i].Value(key{}))
				}
			}
			return nil
		})
		var kept context.Context
		for i := range 2 {
			call(context.WithValue(t.Context(), key{}, i), h, i)
		}
		after(time.Second)
		if !checked {
			t.Error("the function was not called")
		}
		h = worker.Batch(1, 0, func(ctx context.Context, _ []int) []error { kept = ctx; return nil })
		if err := h.Handle(t.Context(), &worker.Message{Body: "1"}); err != nil || kept.Err() == nil {
			t.Errorf("Handle = %v, and then the context's error is %v, want it cancelled", err, kept.Err())
		}
		if ms, ctxs := worker.BatchMessages(t.Context()), worker.BatchContexts(t.Context()); ms != nil || ctxs != nil {
			t.Errorf("outside of a batch, BatchMessages = %v, BatchContexts = %v, want nil", ms, ctxs)
		}
	})
}

func TestBatchMistakes(t *testing.T) {
	t.Parallel()
	f := func(context.Context, []int) []error { return nil }
	x := worker.NewMux(worker.ByType)
	x.Route("a", worker.Batch(0, 0, f), tagged("mw"))
	for want, h := range map[string]worker.Handler{
		"Batch: size is 0":            worker.Batch(0, 0, f),
		"Batch: wait is -1ns":         worker.Batch(1, -1, f),
		"Batch: the function is nil":  worker.Batch[int](1, 0, nil),
		"mw: worker: Batch: size is ": x,
	} {
		if err := h.Handle(t.Context(), &worker.Message{Type: "a", Body: "1"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Handle = %v, want %q", err, want)
		}
		wantMistake(t, h, strings.TrimPrefix(want, "mw: "))
	}
	if err := worker.Validate(worker.Batch(1, 0, f)); err != nil {
		t.Errorf("Run would report %v, want nothing", err)
	}
}

// A worker settles each message of a batch on its own.
func TestLocalBatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 30)
		b := batches{answer: func(_ context.Context, vs []int) []error {
			errs := make([]error, len(vs))
			for i, v := range vs {
				if v%10 == 0 {
					errs[i] = worker.RetryAfter(time.Hour, fmt.Errorf("no luck with %d", v))
				}
			}
			return errs
		}}
		h := worker.Batch(10, time.Second, b.handle)
		w := start(t, q, "orders", h.Handle, concurrency(30))
		after(5 * time.Second)
		w.clean()
		q.want("orders", "0", "3")
		for _, vs := range b.got {
			if len(vs) != 10 {
				t.Errorf("a batch holds %d messages, want 10 in each", len(vs))
			}
		}
	})
}

// A batch never holds two messages of a FIFO group, and keeps their order.
func TestLocalBatchFIFO(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders.fifo")
		q.send("orders.fifo", 8, "a", "b", "c")
		next := map[string]int{}
		var mu sync.Mutex
		h := worker.Batch(10, time.Second, func(ctx context.Context, vs []int) []error {
			mu.Lock()
			defer mu.Unlock()
			seen := map[string]bool{}
			for i, m := range worker.BatchMessages(ctx) {
				if seen[m.Group] || next[m.Group] != vs[i] {
					t.Errorf("message %d of group %s is in a batch with %v, want message %d", vs[i], m.Group, seen, next[m.Group])
				}
				seen[m.Group] = true
				next[m.Group]++
			}
			return nil
		})
		w := start(t, q, "orders.fifo", h.Handle)
		after(time.Minute)
		w.clean()
		q.want("orders.fifo", "0", "0")
	})
}

// Gather hands over messages as they are, whatever their bodies hold.
func TestGatherTakesMessages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var got [][]*worker.Message
		h := worker.Gather(2, time.Minute, func(ctx context.Context, ms []*worker.Message) []error {
			if !slices.Equal(ms, worker.BatchMessages(ctx)) {
				t.Error("the messages are not those of the context")
			}
			got = append(got, ms)
			return []error{nil, errLost}
		})
		a, b := &worker.Message{Body: "not JSON"}, &worker.Message{}
		var wg sync.WaitGroup
		var first error
		wg.Go(func() { first = h.Handle(t.Context(), a) })
		synctest.Wait()
		second := h.Handle(t.Context(), b)
		wg.Wait()
		if len(got) != 1 || !slices.Equal(got[0], []*worker.Message{a, b}) || first != nil || second != errLost {
			t.Errorf("gathered %v, outcomes %v and %v", got, first, second)
		}
	})
}
