package worker_test

import (
	"context"
	"testing"
	"time"

	"github.com/quayside-go/quayside/worker"
)

func maxLease(d time.Duration) func(*worker.Options) {
	return func(o *worker.Options) { o.MaxLease = d }
}

func TestMaxLeaseTellsTheHandlerBeforeTheEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		h    func(*worker.Message) // before it waits
		opt  time.Duration
		ends time.Duration
		asks []ask
	}{
		"a while":             {nil, 90 * sec, 90 * sec, []ask{{30 * sec, "", 60, 1}, {60 * sec, "", 36, 1}}},
		"within the first":    {nil, 10 * sec, 54 * sec, nil}, // it is invisible that long anyway
		"0":                   {nil, 0, 54 * sec, nil},
		"LimitLease":          {func(m *worker.Message) { m.LimitLease(90 * sec) }, worker.DefaultMaxLease, 90 * sec, []ask{{30 * sec, "", 60, 1}, {60 * sec, "", 36, 1}}},
		"LimitLease more":     {func(m *worker.Message) { m.LimitLease(90 * sec) }, 0, 90 * sec, []ask{{30 * sec, "", 60, 1}, {60 * sec, "", 36, 1}}},
		"LimitLease 0":        {func(m *worker.Message) { m.LimitLease(0) }, worker.DefaultMaxLease, 54 * sec, nil},
		"LimitLease -1":       {func(m *worker.Message) { m.LimitLease(-1) }, worker.DefaultMaxLease, 54 * sec, nil},
		"LimitLease twice":    {func(m *worker.Message) { m.LimitLease(0); m.LimitLease(90 * sec) }, time.Hour, 90 * sec, []ask{{30 * sec, "", 60, 1}, {60 * sec, "", 36, 1}}},
		"LimitLease later":    {func(m *worker.Message) { time.Sleep(40 * sec); m.LimitLease(58 * sec) }, time.Hour, 58 * sec, []ask{{30 * sec, "", 60, 1}}},
		"LimitLease too late": {func(m *worker.Message) { time.Sleep(70 * sec); m.LimitLease(sec) }, time.Hour, 70 * sec, []ask{{30 * sec, "", 60, 1}, {60 * sec, "", 60, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newTimed(message("a", 1, "x"))
				h, ends := untilEnded(nil)
				began := time.Now()
				w := start(t, f, "orders", func(ctx context.Context, m *worker.Message) error {
					if test.h != nil {
						test.h(m)
					}
					return h(ctx, m)
				}, maxLease(test.opt), hooked(f.fake))
				after(5 * time.Minute)
				w.clean()
				if end := <-ends; end.cause != worker.ErrMaxLease {
					t.Errorf("the handler was ended by %v, want ErrMaxLease", end.cause)
				}
				es := f.of(worker.EventHandled)
				if len(es) != 1 || es[0].Start.Add(es[0].Duration).Sub(began) != test.ends {
					t.Errorf("handled %v, want one end, after %v", es, test.ends)
				}
				for i := range test.asks {
					test.asks[i].handle = handle("a", 1)
				}
				f.wantAsks(t, test.asks...)
				if es := f.of(worker.EventLeaseLost); len(es) != 0 {
					t.Errorf("%d leases lost, want none: the handler had time to end", len(es))
				}
				if len(f.deleted()) != 1 {
					t.Errorf("deleted %v, want what the handler was done with", f.deleted())
				}
			})
		})
	}
}

// MaxLease is for handlers: what waits for its turn is extended all the same.
func TestMaxLeaseIsNotForWaitingSiblings(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(grouped("g", "1"), grouped("g", "2"), grouped("g", "3"))
		w := start(t, f, "jobs.fifo", func(ctx context.Context, _ *worker.Message) error { return wait(ctx, 25*sec) }, unleased)
		after(2 * time.Minute)
		w.clean()
		f.wantAsks(t, ask{30 * sec, handle("3", 1), 60, 1})
		if len(f.deleted()) != 3 {
			t.Errorf("deleted %v, want 3", f.deleted())
		}
	})
}

// A handler that does not heed ErrMaxLease loses its message a little later.
func TestLeaseIsLostAfterMaxLease(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(message("a", 1, "x"))
		w := start(t, f, "orders", func(context.Context, *worker.Message) error {
			time.Sleep(2 * time.Minute)
			return worker.RetryAfter(0, errLost)
		}, maxLease(90*sec), hooked(f.fake))
		after(96*sec - 1)
		if es := f.of(worker.EventLeaseLost); len(es) != 0 {
			t.Error("the lease was lost before 96 s, the 36 s asked for after 60 s")
		}
		after(1)
		if es := f.of(worker.EventLeaseLost); len(es) != 1 {
			t.Errorf("%d leases lost after 96 s, want 1", len(es))
		}
		after(time.Minute)
		w.clean()
		f.wantAsks(t, ask{30 * sec, handle("a", 1), 60, 1}, ask{60 * sec, handle("a", 1), 36, 1}) // and none for RetryAfter
	})
}

func TestLocalLeaseEndsBeforeTwelveHours(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 1)
		f := newFake()
		h, ends := untilEnded(worker.RetryAfter(10*sec, errLost))
		began := time.Now()
		times := make(chan time.Duration, 9)
		job := func(ctx context.Context, m *worker.Message) error {
			times <- time.Since(began)
			if m.Receives == 1 {
				return h(ctx, m)
			}
			return nil
		}
		w, other := start(t, q, "orders", job, hooked(f)), start(t, q, "orders", job, hooked(f))
		after(13 * time.Hour)
		w.clean()
		other.clean()
		if end, want := <-ends, (ended{12*time.Hour - time.Minute, worker.ErrMaxLease}); end != want {
			t.Errorf("the handler was ended by %v, want %v", end, want)
		}
		if first, second := <-times, <-times; first != 0 || second != 12*time.Hour-50*sec || len(times) > 0 {
			t.Errorf("handled after %v and %v, and %d times more, want after 0 s, after 11h59m10s, and no more", first, second, len(times))
		}
		for _, e := range f.of(worker.EventRequest) {
			if e.Err != nil && e.Err != worker.ErrDraining {
				t.Errorf("%s failed: %v", e.Action, e.Err)
			}
		}
		if es := f.of(worker.EventLeaseLost); len(es) != 0 {
			t.Errorf("%d leases lost, want none", len(es))
		}
		q.want("orders", "0", "0")
	})
}
