package worker_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

// The fake queue's visibility timeout is 60 s, localqueue's 30 s.

// A RetryAfter that comes too late must not make the message visible under
// whoever handles it now.
func TestLocalLateRetryAfterHasNoEffect(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 1)
		f := newFake()
		w := start(t, q, "orders", func(_ context.Context, m *worker.Message) error {
			if m.Receives == 1 {
				time.Sleep(35 * sec) // 5 s too long
				return again(0)
			}
			time.Sleep(20 * sec)
			return nil
		}, unleased, hooked(f))
		after(3 * time.Minute)
		w.clean()
		if n := len(f.of(worker.EventHandled)); n != 2 {
			t.Errorf("handled %d times, want 2", n)
		}
		for _, e := range f.of(worker.EventRequest) {
			if e.Action == "ChangeMessageVisibilityBatch" {
				t.Error("visibility was changed by a handle that was out of date")
			}
		}
	})
}

func TestChangesAreNotRepeatedOnceTheVisibilityTimeoutIsOver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("a", 1, "x"))
		f.onChange = func(int, *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
			return nil, errLost
		}
		start(t, f, "orders", func(context.Context, *worker.Message) error {
			time.Sleep(59 * sec)
			return again(time.Hour)
		}, unleased, hooked(f))
		after(60*sec - 1)
		n := len(f.changed())
		if n < 2 {
			t.Fatalf("the change was tried %d times in its second, want some", n)
		}
		after(time.Minute)
		if got := len(f.changed()); got != n {
			t.Errorf("the change was tried %d times more after the visibility timeout", got-n)
		}
		if es := f.of(worker.EventUnsettled); len(es) != 1 || es[0].Action != "ChangeMessageVisibilityBatch" {
			t.Errorf("unsettled events %v, want one about the change that was not made", es)
		}
	})
}

func TestDrainDoesNotReleaseWhatIsVisible(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("a", 1, "x"))
		w := start(t, f, "orders", busyFor(2*time.Minute), unleased)
		after(40 * sec)
		var d *worker.DrainError
		if err := w.drain(); !errors.As(err, &d) || d.Abandoned != 1 {
			t.Errorf("Run = %v, want one handler abandoned", err)
		}
		if got := f.changed(); len(got) != 0 {
			t.Errorf("visibility changes %v, want none: the message was visible before the drain ended", got)
		}
		after(time.Hour)
	})
}

// Ten messages of a group that take 4 s each do not fit into one visibility
// timeout of 30 s.
func TestLocalFIFOMessagesWaitLongerThanTheVisibilityTimeout(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "jobs.fifo")
		q.send("jobs.fifo", 20, "g", "h")
		f := newFake()
		j := &groupJob{t: t, running: map[string]int{}}
		w := start(t, q, "jobs.fifo", func(ctx context.Context, m *worker.Message) error {
			j.count(m, 1)
			defer j.count(m, -1)
			return wait(ctx, 4*sec)
		}, hooked(f))
		after(5 * time.Minute)
		w.clean()
		q.want("jobs.fifo", "0", "0")
		var c tally
		for _, e := range f.of(worker.EventHandled) {
			c.add(e.Message)
		}
		c.each(t, 40, 1)
	})
}

// fiveOfAGroup are the messages 1 to 5 of the group g.
func fiveOfAGroup() (ms []types.Message) {
	for i := 1; i <= 5; i++ {
		ms = append(ms, grouped("g", strconv.Itoa(i)))
	}
	return ms
}

// What is lost while it waits would run beside its next delivery, and what is behind
// it would overtake it.
func TestFIFOWhatIsLostWhileItWaitsIsNotStarted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(fiveOfAGroup()...)
		f.onChange = func(_ int, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
			return taken(in, func(h string) *types.BatchResultErrorEntry {
				if h == handle("4", 1) {
					return &types.BatchResultErrorEntry{Code: new("ReceiptHandleIsInvalid"), SenderFault: true}
				}
				return nil
			}), nil
		}
		w := start(t, f, "jobs.fifo", busyFor(18*sec), hooked(f.fake))
		after(3 * time.Minute)
		w.clean()
		if got, want := f.deleted(), []string{handle("1", 1), handle("2", 1), handle("3", 1)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
		asks := f.askedFor()
		if last := asks[len(asks)-1]; last != (ask{54 * sec, handle("5", 1), 0, 1}) {
			t.Errorf("the last visibility change is %v, want 5 released when 4's turn comes", last)
		}
		if es := f.of(worker.EventReleased); len(es) != 2 {
			t.Errorf("%d messages released, want 4 and 5", len(es))
		}
	})
}

func TestDrainReleasesWhatIsBeingExtended(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(fiveOfAGroup()...)
		f.takes = func(a ask) time.Duration { return time.Duration(a.seconds/60) * 5 * sec }
		w := start(t, f, "jobs.fifo", busyFor(40*sec), hooked(f.fake))
		after(31 * sec)
		w.clean()
		if took := time.Since(f.began); took != 40*sec {
			t.Errorf("the drain was over after %v, want with the handler, after 40 s", took)
		}
		var want []ask
		for i := 1; i <= 5; i++ {
			want = append(want, ask{30 * sec, handle(strconv.Itoa(i), 1), 60, 5})
		}
		var released []string
		for _, a := range f.askedFor()[5:] {
			released = append(released, a.handle)
			if a.at != 35*sec || a.seconds != 0 {
				t.Errorf("then changed %v, want a release after 35 s, when the extension is answered", a)
			}
		}
		slices.Sort(released)
		if want := []string{handle("2", 1), handle("3", 1), handle("4", 1), handle("5", 1)}; !slices.Equal(released, want) {
			t.Errorf("released %v, want %v", released, want)
		}
		if got := f.askedFor()[:5]; !slices.ContainsFunc(got, func(a ask) bool { return a == want[0] }) {
			t.Errorf("extended %v, want all five", got)
		}
		es := f.of(worker.EventReleased)
		if len(es) != 4 || es[0].Err != worker.ErrDraining {
			t.Errorf("released %v, want 4 messages because of ErrDraining", es)
		}
	})
}

// No queue does this.
func TestMoreThanWasAskedForIsReleased(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("a", 1, "x"), message("b", 1, "x"))
		w := start(t, f, "orders", ok, concurrency(1))
		synctest.Wait()
		w.clean()
		if got, want := f.changed(), []change{{handle("b", 1), 0}}; !slices.Equal(got, want) {
			t.Errorf("visibility changes %v, want %v", got, want)
		}
		if got, want := f.deleted(), []string{handle("a", 1)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
	})
}

func TestPermitsOfAGroupComeBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		w := start(t, f, "jobs.fifo", ok, concurrency(3))
		for range 5 {
			f.put(grouped("g", "1"), grouped("g", "2"))
			synctest.Wait()
		}
		w.clean()
		if n := len(f.deleted()); n != 10 {
			t.Errorf("%d messages deleted, want 10: a group's one permit must be free again", n)
		}
	})
}

func TestVisibilityTimeoutIsTheQueuesOwn(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]int32{"60": 0, "7200": 0, "0": 30, "": 30, "many": 30} {
		t.Run(setting, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				f.visibility = setting
				w := start(t, f, "orders", ok)
				synctest.Wait()
				w.clean()
				if f.explicit != want {
					t.Errorf("receives ask for a visibility timeout of %d s, want %d", f.explicit, want)
				}
			})
		})
	}
}
