package worker_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/worker"
)

func TestOneLongJobDoesNotStallThePool(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 1) // the body 0
		var done atomic.Int32
		w := start(t, q, "orders", func(ctx context.Context, m *worker.Message) error {
			if m.Body == "long" {
				return wait(ctx, time.Hour)
			}
			done.Add(1)
			return wait(ctx, sec)
		}, concurrency(5))
		synctest.Wait()
		if _, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: q.url("orders"), MessageBody: new("long")}); err != nil {
			t.Fatal(err)
		}
		after(2 * sec)
		q.send("orders", 400)
		after(2 * time.Minute)
		if n := done.Load(); n != 401 {
			t.Errorf("%d short jobs done in two minutes, want 401: four of five permits are free for them", n)
		}
		after(time.Hour)
		w.clean()
	})
}

// Whichever way a message goes, its permit comes back, once.
func TestPermitsComeBackOnce(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func() error{
		"done":          func() error { return nil },
		"failed":        func() error { return again(time.Hour) },
		"held":          func() error { return again(sec) },
		"panicked":      func() error { panic("failed") },
		"exited":        func() error { runtime.Goexit(); return nil },
		"snoozed":       func() error { return worker.Snooze(time.Hour) },
		"discarded":     func() error { return worker.Discard(errLost) },
		"dead-lettered": func() error { return worker.DeadLetter(errLost) },
		"lost":          func() error { time.Sleep(70 * sec); return nil },
	} {
		for _, queue := range []string{"orders", "jobs.fifo"} {
			t.Run(name+"/"+queue, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					f := newTimed().redrives("100")
					f.onChange = func(int, *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
						return nil, errLost
					}
					var running gauge
					start(t, f, queue, func(_ context.Context, m *worker.Message) error {
						running.add(1)
						defer running.add(-1)
						if m.Body == "plain" || m.Attempts > 1 {
							time.Sleep(sec)
							return nil
						}
						return end()
					}, concurrency(2), hooked(f.fake), unleased)
					for i := range 5 {
						f.put(grouped(fmt.Sprint("g", i), fmt.Sprint(i)), grouped(fmt.Sprint("g", i), fmt.Sprint(i, "behind")))
						after(2 * time.Minute)
					}
					if running.peak() > 2 {
						t.Errorf("%d handlers ran at once, want 2", running.peak())
					}
					running.anew()
					before := len(f.deleted())
					for i := range 20 {
						m := grouped(fmt.Sprint("p", i), fmt.Sprint("p", i))
						m.Body = new("plain")
						f.put(m)
					}
					after(20 * sec)
					if n := len(f.deleted()) - before; running.peak() != 2 || n != 20 {
						t.Errorf("then %d handlers ran at once and %d messages were done, want 2 and 20", running.peak(), n)
					}
				})
			})
		}
	}
}

// hung is a client whose receives from one queue never come back by themselves.
type hung struct {
	*local
	queue string
}

func (h hung) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	if strings.HasSuffix(*in.QueueUrl, "/"+h.queue) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return h.Server.ReceiveMessage(ctx, in, o...)
}

// Workers that share a pool: one queue is full of slow jobs, one is empty, the
// requests of one hang. The fourth hardly notices.
func TestLocalASlowQueueDoesNotStopTheOthers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "slow", "empty", "hung", "quick")
		p := worker.NewPool(8)
		f := newFake()
		for _, queue := range []string{"slow", "empty", "hung", "quick"} {
			start(t, hung{q, "hung"}, queue, func(ctx context.Context, m *worker.Message) error {
				if m.Queue == "slow" {
					return wait(ctx, 6*time.Hour)
				}
				return wait(ctx, sec)
			}, hooked(f), func(o *worker.Options) { o.Pool, o.DrainTimeout = p, sec })
		}
		after(2 * time.Minute) // each has its own permit, whoever came first
		q.send("slow", 1000)
		after(5 * time.Minute)
		for range 10 {
			q.send("quick", 5)
			after(30 * sec)
		}
		if n := len(f.of(worker.EventHandled)); n != 50 {
			t.Errorf("%d of the quick queue's 50 messages handled within 30 s each time, want all: one permit is always its own", n)
		}
	})
}

// A handler that outlives its lease keeps its permit, and what it returns counts: its
// message does not start a second time beside it.
func TestLocalAnOverdueHandlerKeepsItsPermit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err   error
		lines []string
	}{
		"done":   {nil, []string{"0/1/1 after 0s"}},
		"failed": {errLost, []string{"0/1/1 after 0s", "0/2/2 after 1m40s"}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, "orders")
				q.send("orders", 1)
				j := newJournal()
				var cause atomic.Value
				w := start(t, q, "orders", func(ctx context.Context, m *worker.Message) error {
					j.add(m)
					if m.Receives > 1 {
						return nil
					}
					time.Sleep(100 * sec)
					cause.Store(context.Cause(ctx))
					return test.err
				}, concurrency(1), maxLease(10*sec))
				after(5 * time.Minute)
				w.clean()
				j.want(t, test.lines...)
				q.want("orders", "0", "0")
				if cause.Load() != worker.ErrMaxLease {
					t.Errorf("the handler was told %v, want ErrMaxLease", cause.Load())
				}
			})
		})
	}
}
