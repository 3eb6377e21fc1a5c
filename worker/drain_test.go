package worker_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

func TestDrainWaitsForHandlers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("a", 1, "x"))
		w := start(t, f, "orders", func(ctx context.Context, _ *worker.Message) error {
			return wait(ctx, 19*time.Second)
		})
		synctest.Wait()
		began := time.Now()
		w.clean()
		if took := time.Since(began); took != 19*time.Second {
			t.Errorf("the drain took %v, want 19s, when the handler is done", took)
		}
		if got, want := f.deleted(), []string{handle("a", 1)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
	})
}

func TestDrainCancelsTheLongPoll(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		w := start(t, f, "orders", ok, hooked(f))
		synctest.Wait()
		began := time.Now()
		w.clean()
		if took := time.Since(began); took != 0 {
			t.Errorf("the drain of an idle worker took %v, want 0", took)
		}
		es := f.of(worker.EventRequest)
		if last := es[len(es)-1]; last.Action != "ReceiveMessage" || last.Err != worker.ErrDraining {
			t.Errorf("the last request was %s with error %v, want ReceiveMessage with ErrDraining", last.Action, last.Err)
		}
	})
}

func TestDrainReleasesWhatACancelledPollReturns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.late = []types.Message{message("a", 1, "x"), message("b", 1, "x")}
		w := start(t, f, "orders", ok, hooked(f))
		synctest.Wait()
		w.clean()
		if got, want := f.changed(), []change{{handle("b", 1), 0}, {handle("a", 1), 0}}; !slices.Equal(got, want) {
			t.Errorf("visibility changes %v, want %v", got, want)
		}
		for _, e := range f.of(worker.EventReleased) {
			if !errors.Is(e.Err, worker.ErrDraining) {
				t.Errorf("%s was released because of %v, want ErrDraining", e.Message.ID, e.Err)
			}
		}
	})
}

func TestDrainReleasesWaitingMessagesOfAGroup(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(grouped("g", "1"), grouped("g", "2"), grouped("g", "3"))
		w := start(t, f, "jobs.fifo", func(ctx context.Context, _ *worker.Message) error {
			return wait(ctx, 10*time.Second)
		})
		synctest.Wait()
		w.stop()
		synctest.Wait()
		if got, want := f.changed(), []change{{handle("3", 1), 0}, {handle("2", 1), 0}}; !slices.Equal(got, want) {
			t.Errorf("visibility changes as the drain begins %v, want %v", got, want)
		}
		w.clean()
		if got, want := f.deleted(), []string{handle("1", 1)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
	})
}

func TestDrainCancelsHandlersInTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("a", 1, "x"))
		var cause error
		w := start(t, f, "orders", func(ctx context.Context, _ *worker.Message) error {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return ctx.Err()
		}, func(o *worker.Options) { o.DrainTimeout = 7 * time.Second })
		synctest.Wait()
		began := time.Now()
		w.clean()
		if took := time.Since(began); took != 7*time.Second {
			t.Errorf("the drain took %v, want DrainTimeout, 7s", took)
		}
		if cause != worker.ErrDraining {
			t.Errorf("the handler was cancelled with %v, want ErrDraining", cause)
		}
		if got, want := f.changed(), []change{{handle("a", 1), 0}}; !slices.Equal(got, want) {
			t.Errorf("visibility changes %v, want %v: interrupted, so released", got, want)
		}
	})
}

func TestDrainAbandonsHandlersThatDoNotReturn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("stuck", 1, "x"), message("done", 1, "x"), message("waits", 1, "x"))
		w := start(t, f, "orders", func(ctx context.Context, m *worker.Message) error {
			switch m.ID {
			case "stuck":
				time.Sleep(time.Hour)
			case "done":
				time.Sleep(time.Second)
			case "waits":
				return wait(ctx, time.Hour)
			}
			return nil
		}, hooked(f))
		synctest.Wait()
		began := time.Now()
		err := w.drain()
		if took := time.Since(began); took != 25*time.Second {
			t.Errorf("the drain took %v, want 20 + 5 s", took)
		}
		var d *worker.DrainError
		if want := (worker.DrainError{Done: 1, Released: 1, Abandoned: 1}); !errors.As(err, &d) || *d != want {
			t.Errorf("Run = %v, want %v", err, &want)
		}
		if got, want := f.changed(), []change{{handle("waits", 1), 0}, {handle("stuck", 1), 0}}; !slices.Equal(got, want) {
			t.Errorf("visibility changes %v, want %v", got, want)
		}
		n := len(f.events)
		after(time.Hour)
		if got, want := f.deleted(), []string{handle("done", 1)}; !slices.Equal(got, want) || len(f.events) != n {
			t.Errorf("after the abandoned handler has returned: deleted %v, %d events, want %v, %d", got, len(f.events), want, n)
		}
	})
}

func TestDrainRepeatsFailedDeletesAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.numbered(1)
		healthy := make(chan struct{})
		f.onDelete = func(_ int, in *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
			select {
			case <-healthy:
				return &sqs.DeleteMessageBatchOutput{Successful: []types.DeleteMessageBatchResultEntry{{Id: in.Entries[0].Id}}}, nil
			default:
				return nil, errLost
			}
		}
		w := start(t, f, "orders", ok)
		after(15 * time.Second) // the next try is seconds away
		close(healthy)
		began := time.Now()
		w.clean()
		if took := time.Since(began); took != 0 {
			t.Errorf("the drain took %v, want 0", took)
		}
	})
}

func TestDrainReportsDeletesNotMade(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.numbered(3)
		f.onDelete = func(int, *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
			return nil, errLost
		}
		w := start(t, f, "orders", ok)
		synctest.Wait()
		began := time.Now()
		err := w.drain()
		var d *worker.DrainError
		if want := (worker.DrainError{Undeleted: 3}); !errors.As(err, &d) || *d != want {
			t.Errorf("Run = %v, want %v", err, &want)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("the drain took %v, want 3s", took)
		}
	})
}

func TestNothingLostAtDrainUnderLoad(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.numbered(1000)
		w := start(t, f, "orders", func(ctx context.Context, m *worker.Message) error {
			return wait(ctx, time.Duration(len(m.ID))*10*time.Millisecond)
		}, concurrency(25))
		after(333 * time.Millisecond)
		w.clean()
		settled := f.deleted()
		for _, c := range f.changed() {
			settled = append(settled, c.handle)
		}
		slices.Sort(settled)
		if n := len(slices.Compact(slices.Clone(settled))); n != len(settled) {
			t.Errorf("%d messages settled %d times", n, len(settled))
		}
		if want := 1000 - 10*len(f.replies); len(settled) != want {
			t.Errorf("%d of %d received messages were deleted or released", len(settled), want)
		}
	})
}

// slowHook takes 2 s to hear that a message was handled.
func slowHook(f *fake) func(*worker.Options) {
	return func(o *worker.Options) {
		o.Hook = func(ctx context.Context, e worker.Event) {
			if e.Kind == worker.EventHandled {
				time.Sleep(2 * time.Second)
			}
			f.record(ctx, e)
		}
	}
}

// A handler that returns just before the drain gives up on it is settled.
func TestDrainWaitsForTheHookAndTheDelete(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("late", 1, "x"), message("stuck", 1, "x"))
		w := start(t, f, "orders", func(_ context.Context, m *worker.Message) error {
			if m.ID == "stuck" {
				time.Sleep(time.Hour)
			}
			time.Sleep(24 * time.Second)
			return nil
		}, slowHook(f))
		synctest.Wait()
		var d *worker.DrainError
		if err, want := w.drain(), (worker.DrainError{Done: 1, Abandoned: 1}); !errors.As(err, &d) || *d != want {
			t.Errorf("Run = %v, want %v", err, &want)
		}
		if got, want := f.deleted(), []string{handle("late", 1)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v when Run returned, want %v", got, want)
		}
		n := len(f.events)
		after(2 * time.Hour)
		if len(f.events) != n || len(f.deletes) != 1 {
			t.Errorf("after Run returned: %d more events, deleted %v", len(f.events)-n, f.deleted())
		}
	})
}

func TestDrainDeletesWhatIsKnownToBeDone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("a", 1, "x"))
		f.late = []types.Message{message("a", 2, "x")} // comes with the cancelled poll
		f.onDelete = func(call int, in *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
			if call == 1 {
				return &sqs.DeleteMessageBatchOutput{Failed: []types.BatchResultErrorEntry{
					{Id: new("0"), Code: new("ReceiptHandleIsInvalid"), SenderFault: true},
				}}, nil
			}
			return takenBut("", in), nil
		}
		w := start(t, f, "orders", ok)
		synctest.Wait()
		w.clean()
		if got := f.changed(); len(got) != 0 {
			t.Errorf("visibility changes %v, want none", got)
		}
		if got, want := f.deleted(), []string{handle("a", 1), handle("a", 2)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
	})
}
