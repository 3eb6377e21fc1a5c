package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/worker"
)

// slowly returns a handler that keeps the worker busy with the message "slow"
// and is done with others at once, so that deletes wait for company.
func slowly(d time.Duration) worker.HandlerFunc {
	return func(ctx context.Context, m *worker.Message) error {
		if m.ID == "slow" {
			return wait(ctx, d)
		}
		return nil
	}
}

// wait is a job that takes d and honours its context.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestDeletesShareRequests(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("slow", 1, "x"))
		f.numbered(40)
		w := start(t, f, "orders", slowly(time.Hour), concurrency(60))
		synctest.Wait()
		if got := len(f.deletes); got != 4 {
			t.Errorf("40 messages done at once took %d delete requests, want 4", got)
		}
		w.clean()
	})
}

func TestDeleteWaitsForCompanyAtMostDeleteWithin(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("slow", 1, "x"), message("a", 1, "x"), message("b", 1, "x"))
		start(t, f, "orders", slowly(time.Second))
		after(worker.DefaultDeleteWithin - 1)
		if got := f.deleted(); len(got) != 0 {
			t.Errorf("deleted %v before DeleteWithin was over, want nothing", got)
		}
		after(1)
		if got := len(f.deletes); got != 1 || len(f.deleted()) != 2 {
			t.Errorf("after DeleteWithin deleted %v in %d requests, want two in one", f.deleted(), got)
		}
		after(time.Second - worker.DefaultDeleteWithin)
		if got := f.deleted(); len(got) != 3 {
			t.Errorf("deleted %v, want the last one deleted at once, since nothing else runs", got)
		}
	})
}

func TestDeleteWithinOfTheHandlerWins(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("slow", 1, "x"), message("a", 1, "x"), message("urgent", 1, "x"))
		slow := slowly(time.Hour)
		w := start(t, f, "orders", func(ctx context.Context, m *worker.Message) error {
			if m.ID == "urgent" {
				time.Sleep(time.Millisecond)
				m.Policy().DeleteWithin = 0
			}
			return slow(ctx, m)
		}, func(o *worker.Options) { o.Policy.DeleteWithin = time.Minute })
		after(time.Millisecond)
		if got, want := f.deleted(), []string{handle("a", 1), handle("urgent", 1)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v, want %v: the urgent one takes along who waits", got, want)
		}
		w.clean()
	})
}

func TestFailedDeletesAreSentAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.numbered(3)
		f.onDelete = func(call int, in *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
			out := &sqs.DeleteMessageBatchOutput{}
			switch call {
			case 1: // a lost reply
				return nil, errLost
			case 2: // one entry fails, one is refused, one is taken
				out.Failed = []types.BatchResultErrorEntry{
					{Id: new("0"), Code: new("InternalError")},
					{Id: new("1"), Code: new("ReceiptHandleIsInvalid"), SenderFault: true},
				}
				out.Successful = []types.DeleteMessageBatchResultEntry{{Id: new("2")}}
			default:
				for _, e := range in.Entries {
					out.Successful = append(out.Successful, types.DeleteMessageBatchResultEntry{Id: e.Id})
				}
			}
			return out, nil
		}
		w := start(t, f, "orders", ok, hooked(f))
		after(10 * time.Second)
		var sizes []int
		for _, d := range f.deletes {
			sizes = append(sizes, len(d))
		}
		if want := []int{3, 3, 1}; !slices.Equal(sizes, want) {
			t.Fatalf("delete requests had %v entries, want %v", sizes, want)
		}
		if f.deletes[2][0] != f.deletes[1][0] {
			t.Errorf("sent %s again, want the failed entry %s", f.deletes[2][0], f.deletes[1][0])
		}
		w.clean() // the refusal was before the drain
		es := f.of(worker.EventUnsettled)
		var api smithy.APIError
		if len(es) != 1 || !errors.As(es[0].Err, &api) || api.ErrorCode() != "ReceiptHandleIsInvalid" {
			t.Errorf("unsettled events %v, want one with the code ReceiptHandleIsInvalid", es)
		}
	})
}

func TestDeletesAreGivenUpInTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.numbered(1)
		f.onDelete = func(int, *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
			return nil, errLost
		}
		w := start(t, f, "orders", ok, hooked(f))
		after(2 * time.Minute)
		if n := len(f.deletes); n != 10 {
			t.Errorf("a delete was tried %d times, want 10", n)
		}
		if es := f.of(worker.EventUnsettled); len(es) != 1 || !errors.Is(es[0].Err, errLost) {
			t.Errorf("unsettled events %v, want one with the last error", es)
		}
		w.clean()
	})
}

func TestDoneButUndeletedIsDeletedOnSight(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("a", 1, "x"))
		f.onDelete = func(call int, in *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
			if call == 1 {
				return &sqs.DeleteMessageBatchOutput{Failed: []types.BatchResultErrorEntry{
					{Id: new("0"), Code: new("ReceiptHandleIsInvalid"), SenderFault: true},
				}}, nil
			}
			return &sqs.DeleteMessageBatchOutput{Successful: []types.DeleteMessageBatchResultEntry{{Id: new("0")}}}, nil
		}
		w := start(t, f, "orders", ok, hooked(f))
		synctest.Wait()
		f.put(message("a", 2, "x")) // comes back: deleted on sight
		synctest.Wait()
		f.put(message("a", 3, "x")) // sent anew under the same id: nothing is held against it
		synctest.Wait()
		w.clean()
		if n := len(f.of(worker.EventHandled)); n != 2 {
			t.Errorf("handled %d times, want 2: the first and the third delivery", n)
		}
		if n := len(f.of(worker.EventSkipped)); n != 1 {
			t.Errorf("%d deliveries skipped, want 1", n)
		}
		if got, want := f.deleted(), []string{handle("a", 1), handle("a", 2), handle("a", 3)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
	})
}

// A delete that is confirmed only after the visibility timeout may not have
// deleted anything.
func TestLateDeleteIsNotTrusted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("a", 1, "x"))
		w := start(t, f, "orders", func(context.Context, *worker.Message) error {
			time.Sleep(61 * time.Second) // the queue's visibility timeout is 60 s
			return nil
		}, unleased, hooked(f))
		after(62 * time.Second)
		f.put(message("a", 2, "x"))
		synctest.Wait()
		w.clean()
		if n := len(f.of(worker.EventSkipped)); n != 1 {
			t.Errorf("%d deliveries skipped, want the second", n)
		}
	})
}

func TestMessagesWithoutIDsAreNotTakenForOneAnother(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		a, b := message("a", 1, "x"), message("b", 1, "x")
		a.MessageId, b.MessageId = nil, nil
		f.put(message("slow", 1, "x"), a)
		start(t, f, "orders", slowly(time.Second), hooked(f))
		synctest.Wait() // the delete of a waits for company
		f.put(b)
		after(2 * time.Second)
		if n := len(f.of(worker.EventHandled)); n != 3 {
			t.Errorf("%d messages handled, want 3", n)
		}
	})
}

// A message may have become invisible some time before the reply.
func TestDeleteIsLateByTheEarliestVisibility(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		w := start(t, f, "orders", func(context.Context, *worker.Message) error {
			time.Sleep(57 * time.Second)
			return nil
		}, unleased, hooked(f))
		time.Sleep(15 * time.Second)
		f.put(message("a", 1, "x")) // deleted 57 s after the reply, which may have taken 5
		after(time.Minute)
		f.put(message("a", 2, "x"))
		after(time.Minute)
		w.clean()
		if n := len(f.of(worker.EventSkipped)); n != 1 {
			t.Errorf("%d deliveries skipped, want the second", n)
		}
	})
}

func TestTheHooksMessagesAreItsOwn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(grouped("g", "1"), grouped("g", "2"))
		order := make(chan string, 2)
		start(t, f, "jobs.fifo", func(_ context.Context, m *worker.Message) error {
			order <- m.ID
			return nil
		}, func(o *worker.Options) {
			o.Hook = func(_ context.Context, e worker.Event) { slices.Reverse(e.Messages) }
		})
		if first := <-order; first != "1" {
			t.Errorf("message %s was handled first, want 1", first)
		}
	})
}

func TestTheSameMessageTwiceInOneBatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("a", 1, "x"), message("a", 2, "x"))
		w := start(t, f, "orders", func(context.Context, *worker.Message) error {
			time.Sleep(time.Second)
			return nil
		})
		after(2 * time.Second)
		w.clean()
		if got, want := f.deleted(), []string{handle("a", 1), handle("a", 2)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
	})
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	fail := errors.New("failed")
	policy := func(d time.Duration) func(*worker.Options) {
		return func(o *worker.Options) {
			o.Policy.Retry = func(*worker.Message, error) time.Duration { return d }
		}
	}
	none := func(*worker.Options) {}
	for name, test := range map[string]struct {
		err  error
		opt  func(*worker.Options)
		want []int32
	}{
		"an error backs off":              {fail, none, []int32{1}},
		"RetryAfter":                      {worker.RetryAfter(30*time.Second, fail), none, []int32{30}},
		"RetryAfter rounds up":            {worker.RetryAfter(1100*time.Millisecond, fail), none, []int32{2}},
		"RetryAfter now":                  {worker.RetryAfter(0, fail), none, []int32{0}},
		"RetryAfter in the past":          {worker.RetryAfter(-time.Hour, fail), none, []int32{0}},
		"RetryAfter wrapped":              {fmt.Errorf("ship: %w", worker.RetryAfter(time.Minute, nil)), none, []int32{60}},
		"RetryAfter wins over Policy":     {worker.RetryAfter(time.Second, fail), policy(time.Hour), []int32{1}},
		"Policy.Retry":                    {fail, policy(time.Minute), []int32{60}},
		"Policy.Retry says leave it":      {fail, policy(-1), nil},
		"12 hours since the receive less": {fail, policy(24 * time.Hour), []int32{12*3600 - 10 - 1}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				f.put(message("a", 1, "x"))
				w := start(t, f, "orders", func(context.Context, *worker.Message) error {
					time.Sleep(10 * time.Second)
					return test.err
				}, test.opt)
				after(11 * time.Second)
				var got []int32
				for _, c := range f.changed() {
					got = append(got, c.seconds)
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("visibility was set to %v s, want %v", got, test.want)
				}
				w.clean()
				if got := f.deleted(); len(got) != 0 {
					t.Errorf("deleted %v, want nothing", got)
				}
			})
		})
	}
}

func TestPanicInPolicyLeavesTheMessage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("a", 1, "x"))
		w := start(t, f, "orders", func(context.Context, *worker.Message) error { return errLost },
			func(o *worker.Options) { o.Policy.Retry = func(*worker.Message, error) time.Duration { panic("oh") } }, hooked(f))
		synctest.Wait()
		w.clean()
		if es := f.of(worker.EventHandled); len(es) != 1 || !errors.As(es[0].Err, new(*worker.PanicError)) {
			t.Errorf("handled events %v, want one with a PanicError", es)
		}
	})
}

func TestFailedVisibilityChangeIsSentAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("a", 1, "x"))
		f.onChange = func(call int, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
			if call < 5 {
				return nil, apiError("ThrottlingException")
			}
			return &sqs.ChangeMessageVisibilityBatchOutput{
				Successful: []types.ChangeMessageVisibilityBatchResultEntry{{Id: new("0")}},
			}, nil
		}
		w := start(t, f, "orders", func(context.Context, *worker.Message) error {
			return worker.RetryAfter(30*time.Second, errLost)
		})
		after(10 * time.Second)
		w.clean()
		cs := f.changed()
		if len(cs) != 5 {
			t.Fatalf("visibility was set %d times, want 4 times throttled and once taken", len(cs))
		}
		if last := cs[4].seconds; last != 29 && last != 30 {
			t.Errorf("the last try asks for %d s, want 29 or 30: the pauses count", last)
		}
	})
}

func TestFIFOGroupsInOrderAndInParallel(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		var ms []types.Message
		for i := range 10 {
			ms = append(ms, grouped([]string{"g", "h"}[i%2], strconv.Itoa(i)))
		}
		f.put(ms...)
		order := make(chan string, 10)
		w := start(t, f, "jobs.fifo", func(_ context.Context, m *worker.Message) error {
			order <- m.Group + m.ID
			time.Sleep(time.Second)
			return nil
		})
		after(4500 * time.Millisecond)
		var g, h []string
		for range 10 {
			if id := <-order; strings.HasPrefix(id, "g") {
				g = append(g, id)
			} else {
				h = append(h, id)
			}
		}
		w.clean()
		if want := []string{"g0", "g2", "g4", "g6", "g8"}; !slices.Equal(g, want) {
			t.Errorf("group g ran as %v, want %v", g, want)
		}
		if want := []string{"h1", "h3", "h5", "h7", "h9"}; !slices.Equal(h, want) {
			t.Errorf("group h ran as %v, want %v", h, want)
		}
	})
}

func TestFIFOFailureReleasesTheRestOfTheGroup(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(grouped("g", "1"), grouped("h", "5"), grouped("g", "2"), grouped("g", "3"), grouped("g", "4"))
		w := start(t, f, "jobs.fifo", func(_ context.Context, m *worker.Message) error {
			if m.ID == "2" {
				return worker.RetryAfter(30*time.Second, errLost)
			}
			return nil
		}, hooked(f))
		synctest.Wait()
		want := []change{{handle("4", 1), 0}, {handle("3", 1), 0}, {handle("2", 1), 30}}
		if got := f.changed(); !slices.Equal(got, want) {
			t.Errorf("visibility changes %v, want %v: the rest released, the last first", got, want)
		}
		w.clean()
		if got, want := f.deleted(), []string{handle("1", 1), handle("5", 1)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
		if n := len(f.of(worker.EventReleased)); n != 2 {
			t.Errorf("%d messages reported as released, want 2", n)
		}
	})
}

func TestFIFODoesNotStartWhatHasExpired(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.onChange = func(int, *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
			return nil, errLost
		}
		f.put(grouped("g", "1"), grouped("g", "2"), grouped("g", "3"))
		w := start(t, f, "jobs.fifo", func(context.Context, *worker.Message) error {
			time.Sleep(30 * time.Second) // so the third's turn comes after 60 s
			return nil
		}, hooked(f))
		after(2 * time.Minute)
		w.clean()
		if n := len(f.of(worker.EventHandled)); n != 2 {
			t.Errorf("%d messages handled, want 2: the third is visible to others by its turn", n)
		}
		for _, c := range f.changed() {
			if c.seconds == 0 {
				t.Errorf("%s was released after its visibility timeout", c.handle)
			}
		}
	})
}
