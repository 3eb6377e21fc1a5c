package worker_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
)

// bubble runs f in virtual time.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

// after lets d pass and everything that is due then happen.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func ok(context.Context, *worker.Message) error { return nil }

func concurrency(n int) func(*worker.Options) {
	return func(o *worker.Options) { o.Concurrency = n }
}

// unleased has no visibility timeout extended while a handler runs.
func unleased(o *worker.Options) { o.MaxLease = 0 }

func TestDeletesWhatIsDone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.numbered(25)
		w := start(t, f, "orders", ok, concurrency(50))
		synctest.Wait()
		if got := len(f.deleted()); got != 25 {
			t.Errorf("%d messages deleted while the worker is idle, want 25", got)
		}
		w.clean()
		if got := slices.Compact(f.deleted()); len(got) != 25 {
			t.Errorf("%d different messages deleted, want 25", len(got))
		}
	})
}

func TestBadArgumentsAreReportedBeforeTheFirstRequest(t *testing.T) {
	t.Parallel()
	f := newFake()
	h := worker.HandlerFunc(ok)
	for _, test := range []struct {
		w    *worker.Worker
		want string
	}{
		{worker.New(nil, "orders", h), "client is nil"},
		{worker.New(f, "", h), "no name"},
		{worker.New(f, "orders", nil), "handler is nil"},
		{worker.New(f, "orders", worker.HandlerFunc(nil)), "handler is nil"},
		{worker.New(f, "orders", worker.JSON[order](nil)), "handler is nil"},
		{worker.New(f, "orders", h, concurrency(-1)), "Concurrency is -1"},
		{worker.New(f, "orders", h, func(o *worker.Options) { o.DrainTimeout = -time.Second }), "DrainTimeout is -1s"},
		{worker.New(f, "orders", h, func(o *worker.Options) { o.Policy.DeleteWithin = -1 }), "DeleteWithin is -1ns"},
	} {
		err := test.w.Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Run = %v, want an error that contains %q", err, test.want)
		}
	}
	for _, test := range []struct {
		opt  func(*worker.Options)
		want string
	}{
		{nil, "an option is nil"},
		{concurrency(1 << 60), "Concurrency is"},
		{func(o *worker.Options) { o.Pool = worker.NewPool(0) }, "Pool has 0 permits"},
		{func(o *worker.Options) { o.Pool = worker.NewPool(1 << 60) }, "permits, want 1 to"},
		{func(o *worker.Options) { o.Prefetch = -1 }, "Prefetch is -1"},
		{func(o *worker.Options) { o.Gates = []worker.Gate{&worker.Breaker{}} }, "made by NewBreaker"},
		{func(o *worker.Options) { o.Gates = []worker.Gate{&worker.FuncGate{}} }, "made by GateFunc"},
		{func(o *worker.Options) { o.Gates = []worker.Gate{(*worker.Switch)(nil)} }, "Switch is nil"},
		{func(o *worker.Options) { o.Gates = []worker.Gate{worker.RateLimit(1, 1<<60)} }, "burst is"},
		{func(o *worker.Options) {
			g := worker.PerKey(1, tenantOf)
			o.Gates = []worker.Gate{g, g}
		}, "there twice"},
	} {
		if err := worker.New(f, "orders", h, test.opt).Run(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Run = %v, want an error that contains %q", err, test.want)
		}
	}
	if err := worker.New((*fake)(nil), "orders", h).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "client is nil") {
		t.Errorf("Run = %v with a client that is a nil pointer", err)
	}
	if len(f.asked) != 0 {
		t.Errorf("%d receives were made, want none", len(f.asked))
	}
}

func TestRunsOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		w := worker.New(newFake(), "orders", worker.HandlerFunc(ok))
		if err := w.Run(ctx); err != nil {
			t.Errorf("first Run = %v, want nil", err)
		}
		if err := w.Run(ctx); err == nil {
			t.Error("second Run = nil, want an error")
		}
	})
}

// client is a fake that also says where it is configured to go.
type client struct{ *fake }

func (client) Options() sqs.Options {
	return sqs.Options{Region: "eu-west-1", BaseEndpoint: new("http://localhost:9324")}
}

func TestMissingQueue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.urlErr = &types.QueueDoesNotExist{}
		err := worker.New(client{f}, "oders", worker.HandlerFunc(ok)).Run(t.Context())
		for _, want := range []string{`"oders"`, "eu-west-1", "http://localhost:9324"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("Run = %v, want it to name %s", err, want)
			}
		}
		if !errors.As(err, new(*types.QueueDoesNotExist)) {
			t.Errorf("Run = %v, want a *types.QueueDoesNotExist inside", err)
		}
	})
}

func TestQueueByURLIsNotLookedUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.urlErr = errors.New("GetQueueUrl was called")
		f.put(message("a", 1, "x"))
		var queue atomic.Value
		w := start(t, f, "https://sqs.eu-west-1.amazonaws.com/123456789012/orders", func(_ context.Context, m *worker.Message) error {
			queue.Store(m.Queue)
			return nil
		})
		synctest.Wait()
		w.clean()
		if queue.Load() != "orders" {
			t.Errorf("Message.Queue = %v, want orders", queue.Load())
		}
	})
}

func TestDeniedAttributesAreNotFatal(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.attributesErr = apiError("AccessDenied")
		w := start(t, f, "orders", ok, hooked(f))
		synctest.Wait()
		w.clean()
		if f.explicit != 30 {
			t.Errorf("receives ask for a visibility timeout of %d s, want 30", f.explicit)
		}
		denied := slices.ContainsFunc(f.of(worker.EventRequest), func(e worker.Event) bool {
			return e.Action == "GetQueueAttributes" && e.Err != nil
		})
		if !denied {
			t.Error("the hook was not told that GetQueueAttributes is denied")
		}
	})
}

func TestMessageFields(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		in := message("id-1", 3, "body")
		in.Attributes["MessageGroupId"] = "g"
		in.Attributes["MessageDeduplicationId"] = "d"
		in.MessageAttributes = map[string]types.MessageAttributeValue{
			"Quayside.Type": {DataType: new("String"), StringValue: new("order.placed")},
		}
		f.put(in)
		got := make(chan worker.Message, 1)
		w := start(t, f, "orders", func(_ context.Context, m *worker.Message) error {
			got <- *m
			return nil
		})
		m := <-got
		w.clean()
		want := worker.Message{
			Queue: "orders", ID: "id-1", Body: "body", Type: "order.placed", Group: "g", DeduplicationID: "d",
			Receives: 3, Attempts: 3, SentAt: time.UnixMilli(946684800000), ReceivedAt: time.Now(),
		}
		a := fmt.Sprint(m.Queue, m.ID, m.Body, m.Type, m.Group, m.DeduplicationID, m.Receives, m.Attempts, m.SentAt, m.ReceivedAt.Unix())
		b := fmt.Sprint(want.Queue, want.ID, want.Body, want.Type, want.Group, want.DeduplicationID, want.Receives, want.Attempts, want.SentAt, want.ReceivedAt.Unix())
		if a != b {
			t.Errorf("message is\n%s, want\n%s", a, b)
		}
		if !reflect.DeepEqual(m.SDK(), in) {
			t.Errorf("SDK() = %v, want what was received, %v", m.SDK(), in)
		}
	})
}

func TestReceivesOnlyWhatCanStart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		var running gauge
		for range 40 {
			f.put(message("m", 1, "x"))
		}
		w := start(t, f, "orders", func(context.Context, *worker.Message) error {
			running.add(1)
			time.Sleep(time.Second)
			running.add(-1)
			return nil
		}, concurrency(3))
		after(500 * time.Millisecond)
		f.mu.Lock()
		asked := slices.Clone(f.asked)
		f.mu.Unlock()
		if want := []int32{3, 2, 1}; !slices.Equal(asked, want) {
			t.Errorf("receives asked for %v messages, want %v and then none while all 3 handlers run", asked, want)
		}
		after(2 * time.Second)
		w.clean()
		if n := running.peak(); n != 3 {
			t.Errorf("%d handlers ran at once, want 3", n)
		}
	})
}

func TestPassingReceiveErrorsBackOff(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		for range 5 {
			f.replies <- reply{err: errLost}
			f.replies <- reply{err: apiError("ThrottlingException")}
		}
		f.put(message("a", 1, "x"))
		began := time.Now()
		handled := make(chan time.Duration, 1)
		w := start(t, f, "orders", func(context.Context, *worker.Message) error {
			handled <- time.Since(began)
			return nil
		}, hooked(f))
		took := <-handled
		// 10 pauses: 0.1+0.2+...+6.4+10+10+10 s, of which up to half is taken off.
		if took < 21*time.Second || took > 43*time.Second {
			t.Errorf("10 failed receives took %v, want 21 to 43 s", took)
		}
		w.clean()
	})
}

func TestEarlyEmptyRepliesAreNotAHotLoop(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		for range 1000 {
			f.put()
		}
		w := start(t, f, "orders", ok)
		after(time.Minute)
		w.clean()
		if n := len(f.asked); n > 30 {
			t.Errorf("%d receives in a minute of empty replies, want at most 30", n)
		}
	})
}

func TestFatalErrorsEndRun(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"queue deleted": &types.QueueDoesNotExist{},
		"access denied": apiError("AccessDenied"),
		"bad token":     apiError("InvalidClientTokenId"),
	} {
		t.Run("receive/"+name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				f.put(message("a", 1, "x"))
				w := start(t, f, "orders", func(context.Context, *worker.Message) error {
					time.Sleep(time.Second)
					return nil
				})
				synctest.Wait()
				f.replies <- reply{err: err}
				<-w.done
				if !errors.Is(w.err, err) {
					t.Errorf("Run = %v, want %v", w.err, err)
				}
				if got := f.deleted(); len(got) != 1 {
					t.Errorf("deleted %v, want the message that was running drained and deleted", got)
				}
			})
		})
		t.Run("delete/"+name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				f.put(message("a", 1, "x"))
				f.onDelete = func(int, *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
					return nil, err
				}
				w := start(t, f, "orders", ok)
				<-w.done
				if !errors.Is(w.err, err) || !strings.Contains(w.err.Error(), "delete") {
					t.Errorf("Run = %v, want %v and that deleting failed", w.err, err)
				}
			})
		})
	}
}

func TestHandlerContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		type key struct{}
		f := newFake()
		f.put(message("a", 1, "x"))
		ctx, stop := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
		err := worker.New(f, "orders", worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			if got, _ := worker.FromContext(ctx); got != m {
				t.Errorf("FromContext = %v, want the message", got)
			}
			if ctx.Value(key{}) != "value" {
				t.Error("the values of Run's context are not in the handler's")
			}
			stop()
			time.Sleep(time.Second)
			if ctx.Err() != nil {
				t.Errorf("the handler's context ended with Run's: %v", context.Cause(ctx))
			}
			return nil
		})).Run(ctx)
		if err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestPanicIsAFailure(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("a", 1, "x"), message("b", 1, "x"))
		boom := errors.New("boom")
		w := start(t, f, "orders", func(_ context.Context, m *worker.Message) error {
			if m.ID == "a" {
				panic(boom)
			}
			return nil
		}, hooked(f))
		synctest.Wait()
		w.clean()
		if got, want := f.deleted(), []string{handle("b", 1)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
		for _, e := range f.of(worker.EventHandled) {
			var p *worker.PanicError
			if e.Message.ID == "a" && (!errors.As(e.Err, &p) || !errors.Is(e.Err, boom) || !strings.Contains(string(p.Stack), "TestPanicIsAFailure")) {
				t.Errorf("the hook was told %v, want a PanicError with the value and the stack", e.Err)
			}
		}
	})
}

func TestGoexitIsAFailure(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("a", 1, "x"))
		w := start(t, f, "orders", func(context.Context, *worker.Message) error {
			runtime.Goexit() // as testing.T.FailNow does
			return nil
		}, concurrency(1), hooked(f))
		synctest.Wait()
		f.put(message("b", 1, "x"))
		synctest.Wait()
		w.clean()
		if got := len(f.of(worker.EventHandled)); got != 2 {
			t.Errorf("%d messages handled, want 2: the permit of the first must be free again", got)
		}
		if got := f.deleted(); len(got) != 0 {
			t.Errorf("deleted %v, want nothing", got)
		}
	})
}

// What may pass at the start is tried again; what may not is returned at once.
func TestTheStartIsTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 1)
		must := func(kind localqueue.FaultKind) {
			rule := localqueue.Fault{Kind: kind, Rate: 0.7}
			if err := q.SetFaults(localqueue.Faults{Seed: 1, Rules: []localqueue.Fault{rule}}); err != nil {
				t.Fatal(err)
			}
		}
		must(localqueue.ServerError)
		f := newFake()
		w := start(t, q, "orders", ok, hooked(f))
		after(time.Minute)
		must(localqueue.LostReply)
		after(5 * time.Minute)
		w.clean()
		if len(f.of(worker.EventHandled)) == 0 {
			t.Error("the message was not handled")
		}
	})
}
