package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

// takenBut is a reply that takes all entries of a delete request but those whose
// receipt handle begins with prefix; these fail, and may pass later.
func takenBut(prefix string, in *sqs.DeleteMessageBatchInput) *sqs.DeleteMessageBatchOutput {
	out := &sqs.DeleteMessageBatchOutput{}
	for _, e := range in.Entries {
		if prefix != "" && strings.HasPrefix(*e.ReceiptHandle, prefix) {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: new("InternalError")})
		} else {
			out.Successful = append(out.Successful, types.DeleteMessageBatchResultEntry{Id: e.Id})
		}
	}
	return out
}

// Entries that fail again and again, one in each of the four requests, hold up
// no others.
func TestFailingDeletesDoNotHoldUpOthers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		for i := range 4 {
			ms := []types.Message{message(fmt.Sprint("bad", i), 1, "x")}
			for j := range 9 {
				ms = append(ms, message(fmt.Sprint(i, ".", j), 1, "x"))
			}
			f.put(ms...)
		}
		f.onDelete = func(_ int, in *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
			return takenBut("bad", in), nil
		}
		start(t, f, "orders", ok, concurrency(60))
		after(5 * time.Second) // the next tries are seconds away
		f.put(message("late", 1, "x"))
		after(time.Second)
		if !slices.Contains(f.deleted(), handle("late", 1)) {
			t.Error("the delete of a healthy message waits for others that fail")
		}
	})
}

// What has failed together is tried again together.
func TestFailingDeletesShareRequests(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.numbered(100)
		f.onDelete = func(int, *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) { return nil, errLost }
		start(t, f, "orders", func(ctx context.Context, m *worker.Message) error {
			n, _ := strconv.Atoi(m.ID)
			return wait(ctx, time.Duration(n)*time.Millisecond)
		}, concurrency(100))
		after(2 * time.Minute)
		if n := len(f.deletes); n < 100 || n > 250 {
			t.Errorf("10 tries of 100 deletes took %d requests, want 100, or not many more", n)
		}
	})
}

func TestNothingIsReceivedWhileDeletesPileUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.numbered(10_000)
		var healthy atomic.Bool
		f.onDelete = func(_ int, in *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
			if healthy.Load() {
				return takenBut("", in), nil
			}
			return nil, apiError("ServiceUnavailable")
		}
		w := start(t, f, "orders", ok, concurrency(50), hooked(f))
		after(10 * time.Second)
		// What was under way when the bound was reached comes on top of it.
		if n := len(f.of(worker.EventHandled)); n < 500 || n > 610 {
			t.Errorf("%d messages handled while none can be deleted, want ten times the concurrency of 50, and little more", n)
		}
		healthy.Store(true)
		after(10 * time.Minute)
		w.clean()
		if n := len(f.of(worker.EventHandled)); n != 10_000 {
			t.Errorf("%d messages handled in the end, want 10000", n)
		}
	})
}

// SQS may refuse a whole request for what one entry says.
func TestARefusedRequestIsDivided(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		ms := []types.Message{message("bad", 1, "x")}
		for i := range 9 {
			ms = append(ms, message(strconv.Itoa(i), 1, "x"))
		}
		f.put(ms...)
		f.onDelete = func(_ int, in *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
			for _, e := range in.Entries {
				if *e.ReceiptHandle == handle("bad", 1) {
					return nil, apiError("InvalidParameterValue")
				}
			}
			return takenBut("", in), nil
		}
		f.onChange = func(int, *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
			return nil, apiError("InvalidParameterValue")
		}
		w := start(t, f, "orders", ok, hooked(f))
		synctest.Wait()
		es := f.of(worker.EventUnsettled)
		if len(es) != 1 || es[0].Message.ID != "bad" || *es[0].Message.SDK().ReceiptHandle != handle("bad", 1) {
			t.Errorf("unsettled events %v, want one about the message bad", es)
		}
		f.put(message("a", 1, "x")) // it goes on
		synctest.Wait()
		w.clean()
		if n := len(f.of(worker.EventHandled)); n != 11 {
			t.Errorf("%d messages handled, want 11", n)
		}
	})
}

// busy counts how many deletes are under way at once; each takes a second.
type busy struct {
	*fake
	under gauge
}

func (b *busy) DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, o ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	b.under.add(1)
	defer b.under.add(-1)
	if err := wait(ctx, time.Second); err != nil {
		return nil, err
	}
	return b.fake.DeleteMessageBatch(ctx, in, o...)
}

// As many as there may be pollers, and no fewer than sixteen.
func TestDeletesAtOnce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		handlers, ahead int
		want            int
	}{
		{100, 0, 16},
		{160, 0, 16},
		{195, 0, 20},
		{100, 200, 30},
	} {
		t.Run(fmt.Sprint(test.want), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				b := &busy{fake: newFake()}
				b.numbered(400)
				start(t, b, "orders", ok, concurrency(test.handlers), prefetch(test.ahead))
				after(5 * time.Second)
				if n := len(b.deleted()); b.under.peak() != test.want || n != 400 {
					t.Errorf("%+v: %d deletes at once and %d messages deleted in 5 s, want %d and 400", test, b.under.peak(), n, test.want)
				}
			})
		})
	}
}

func TestTheLingerStartsAnew(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("slow", 1, "x"), message("a", 1, "x"))
		start(t, f, "orders", slowly(time.Hour))
		after(time.Second)
		f.put(message("b", 1, "x"))
		after(time.Second)
		if got, want := f.deleted(), []string{handle("a", 1), handle("b", 1)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
	})
}

// dead is a client whose first call of one kind hangs until its context ends.
type dead struct {
	*fake
	action string
	hung   atomic.Bool
}

func (d *dead) hang(ctx context.Context, action string) error {
	if action != d.action || d.hung.Swap(true) {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (d *dead) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	if err := d.hang(ctx, "receive"); err != nil {
		return nil, err
	}
	return d.fake.ReceiveMessage(ctx, in)
}

func (d *dead) DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	if err := d.hang(ctx, "delete"); err != nil {
		return nil, err
	}
	return d.fake.DeleteMessageBatch(ctx, in)
}

func (d *dead) GetQueueUrl(ctx context.Context, in *sqs.GetQueueUrlInput, _ ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	if err := d.hang(ctx, "find"); err != nil {
		return nil, err
	}
	return d.fake.GetQueueUrl(ctx, in)
}

func (d *dead) GetQueueAttributes(ctx context.Context, in *sqs.GetQueueAttributesInput, _ ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	if err := d.hang(ctx, "read"); err != nil {
		return nil, err
	}
	return d.fake.GetQueueAttributes(ctx, in)
}

func TestDeadConnectionsAreGivenUp(t *testing.T) {
	t.Parallel()
	for action, within := range map[string]time.Duration{"receive": 61 * time.Second, "delete": 21 * time.Second} {
		t.Run(action, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := &dead{fake: newFake(), action: action}
				d.numbered(1)
				start(t, d, "orders", ok)
				after(within)
				if n := len(d.deleted()); n != 1 {
					t.Errorf("%d messages deleted after %v, want 1", n, within)
				}
			})
		})
	}
	for _, action := range []string{"find", "read"} {
		t.Run(action, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				began := time.Now()
				err := worker.New(&dead{fake: newFake(), action: action}, "orders", worker.HandlerFunc(ok)).Run(t.Context())
				if took := time.Since(began); took != 30*time.Second || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Run = %v after %v, want DeadlineExceeded after 30s", err, took)
				}
			})
		})
	}
}

// A request on a dead connection must not use up the time of the drain.
func TestDrainAsksAgainWhenADeleteHangs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &dead{fake: newFake(), action: "delete"}
		d.numbered(1)
		w := start(t, d, "orders", ok)
		synctest.Wait()
		w.clean()
		if n := len(d.deleted()); n != 1 {
			t.Errorf("%d messages deleted, want 1", n)
		}
	})
}
