package worker_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/worker"
)

// distant is a fake whose replies take a while.
type distant struct{ *fake }

func (f distant) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	out, err := f.fake.ReceiveMessage(ctx, in, o...)
	time.Sleep(10 * time.Millisecond)
	return out, err
}

// After a burst several polls wait for messages: some have all the permits, others
// only places to wait in. Whichever brings the next message, it starts at once.
func TestPrefetchedMessagesDoNotWaitForIdlePolls(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		var began atomic.Pointer[time.Time]
		r := start(t, distant{f}, "orders", func(ctx context.Context, m *worker.Message) error {
			if m.Body == "late" {
				began.Store(new(time.Now()))
			}
			return wait(ctx, 20*time.Millisecond)
		}, concurrency(10), prefetch(30))
		for range 20 {
			f.numbered(200)
			after(2 * time.Second)
			sent := time.Now()
			f.put(message("late", 1, "late"))
			after(30 * time.Second)
			if d := began.Load().Sub(sent); d > 100*time.Millisecond {
				t.Errorf("a message was handled %v after it was sent, and nothing else ran", d)
			}
		}
		r.clean()
	})
}

// Workers share a limit: the message of one starts when that of the other has ended,
// although a poll has all permits of the first.
func TestPerKeySharedByWorkersThatPoll(t *testing.T) {
	bubble(t, func(t *testing.T) {
		gate := worker.PerKey(1, func(*worker.Message) string { return "key" })
		gates := func(o *worker.Options) { o.Gates = []worker.Gate{gate} }
		one, two := newFake(), newFake()
		one.put(message("a", 1, "a"))
		two.put(message("b", 1, "b"))
		first := start(t, one, "one", func(ctx context.Context, _ *worker.Message) error {
			return wait(ctx, 3*time.Second)
		}, gates, concurrency(10))
		after(time.Second)
		sent := time.Now()
		var began time.Time
		second := start(t, two, "two", func(context.Context, *worker.Message) error {
			began = time.Now()
			return nil
		}, gates, concurrency(10))
		after(time.Minute)
		first.clean()
		second.clean()
		if d := began.Sub(sent); d != 2*time.Second {
			t.Errorf("b began after %v, want 2 s: when a ended", d)
		}
	})
}

// While nothing runs there is no more to wait for.
func TestPrefetchPollsAtOnceWhenNothingRuns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		r := start(t, f, "orders", ok, concurrency(4), prefetch(20))
		after(0)
		f.mu.Lock()
		n := len(f.asked)
		f.mu.Unlock()
		if n != 1 {
			t.Errorf("%d polls at the start, want 1", n)
		}
		r.clean()
	})
}
