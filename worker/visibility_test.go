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
				time.Sleep(35 * time.Second) // 5 s too long
				return worker.RetryAfter(0, errLost)
			}
			time.Sleep(20 * time.Second)
			return nil
		}, hooked(f))
		after(3 * time.Minute)
		w.clean()
		if n := len(f.of(worker.EventHandled)); n != 2 {
			t.Errorf("handled %d times, want 2", n)
		}
		if es := f.of(worker.EventUnsettled); len(es) != 1 || es[0].Action != "ChangeMessageVisibilityBatch" {
			t.Errorf("unsettled events %v, want one about the change that was not made", es)
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
			time.Sleep(59 * time.Second)
			return worker.RetryAfter(time.Hour, errLost)
		})
		after(60*time.Second - 1)
		n := len(f.changed())
		if n < 2 {
			t.Fatalf("the change was tried %d times in its second, want some", n)
		}
		after(time.Minute)
		if got := len(f.changed()); got != n {
			t.Errorf("the change was tried %d times more after the visibility timeout", got-n)
		}
	})
}

func TestDrainDoesNotReleaseWhatIsVisible(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("a", 1, "x"))
		w := start(t, f, "orders", func(context.Context, *worker.Message) error {
			time.Sleep(2 * time.Minute)
			return nil
		})
		after(40 * time.Second)
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
		j := &groupJob{t: t, failure: errLost, failed: map[string]bool{}, running: map[string]int{}, done: map[string]int{}}
		w := start(t, q, "jobs.fifo", func(ctx context.Context, m *worker.Message) error {
			j.count(m, 1)
			defer j.count(m, -1)
			return wait(ctx, 4*time.Second)
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

func TestFIFOWaitingMessagesAreExtended(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(fiveOfAGroup()...)
		start(t, f, "jobs.fifo", func(context.Context, *worker.Message) error {
			time.Sleep(20 * time.Second)
			return nil
		})
		after(39 * time.Second)
		if got := f.changed(); len(got) != 0 {
			t.Errorf("visibility changes %v with 40 of 60 s left, want none", got)
		}
		after(2 * time.Second)
		if got, want := f.changed(), []change{{handle("3", 1), 60}, {handle("4", 1), 60}, {handle("5", 1), 60}}; !slices.Equal(got, want) {
			t.Errorf("visibility changes %v with 20 of 60 s left, want %v", got, want)
		}
		after(time.Minute)
		if got := len(f.deleted()); got != 5 {
			t.Errorf("%d messages deleted, want 5", got)
		}
	})
}

func TestFIFOWhatIsNotExtendedIsNotStarted(t *testing.T) {
	t.Parallel()
	part := &sqs.ChangeMessageVisibilityBatchOutput{
		Successful: []types.ChangeMessageVisibilityBatchResultEntry{{Id: new("0")}, {Id: new("2")}},
		Failed:     []types.BatchResultErrorEntry{{Id: new("1"), Code: new("InternalError")}},
	}
	for name, test := range map[string]struct {
		out     *sqs.ChangeMessageVisibilityBatchOutput
		err     error
		handled int
		want    []change
	}{
		"none":    {nil, errLost, 2, []change{{handle("5", 1), 0}, {handle("4", 1), 0}, {handle("3", 1), 0}}},
		"a start": {part, nil, 3, []change{{handle("5", 1), 0}, {handle("4", 1), 0}}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				f.put(fiveOfAGroup()...)
				f.onChange = func(call int, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
					if call == 1 {
						return test.out, test.err
					}
					out := &sqs.ChangeMessageVisibilityBatchOutput{}
					for _, e := range in.Entries {
						out.Successful = append(out.Successful, types.ChangeMessageVisibilityBatchResultEntry{Id: e.Id})
					}
					return out, nil
				}
				w := start(t, f, "jobs.fifo", func(context.Context, *worker.Message) error {
					time.Sleep(20 * time.Second)
					return nil
				}, hooked(f))
				after(2 * time.Minute)
				w.clean()
				if n := len(f.of(worker.EventHandled)); n != test.handled {
					t.Errorf("%d messages handled, want %d", n, test.handled)
				}
				if got := f.changed()[3:]; !slices.Equal(got, test.want) {
					t.Errorf("then released %v, want %v", got, test.want)
				}
			})
		})
	}
}

// slowChange takes a while to extend visibility timeouts, and then does it, even
// if nobody is waiting any more.
type slowChange struct {
	*fake
	d time.Duration
}

func (s slowChange) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	if in.Entries[0].VisibilityTimeout == 60 {
		time.Sleep(s.d)
	}
	return s.fake.ChangeMessageVisibilityBatch(ctx, in)
}

func TestDrainReleasesWhatIsBeingExtended(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(fiveOfAGroup()...)
		w := start(t, slowChange{f, 5 * time.Second}, "jobs.fifo", func(context.Context, *worker.Message) error {
			time.Sleep(40 * time.Second)
			return nil
		}, hooked(f))
		after(44 * time.Second)
		began := time.Now()
		w.clean()
		if took := time.Since(began); took != time.Second {
			t.Errorf("the drain took %v, want as long as the request under way, 1s", took)
		}
		want := []change{{handle("5", 1), 0}, {handle("4", 1), 0}, {handle("3", 1), 0}, {handle("2", 1), 0}}
		if got := f.changed()[4:]; !slices.Equal(got, want) {
			t.Errorf("visibility changes after the extension %v, want %v", got, want)
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
	for setting, want := range map[string]int32{"60": 0, "0": 30, "": 30, "many": 30} {
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
