package worker_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/worker"
)

// A queue that is less strict than SQS delivers more of a group while one is in
// flight. They run one at a time and in the order in which they came.
func TestFIFOOverALaxQueue(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want []string
		back []change
	}{
		"done":  {nil, []string{"0/1/1 after 10s", "1/1/1 after 20s", "2/1/1 after 30s", "3/1/1 after 40s"}, nil},
		"short": {again(2 * sec), []string{"0/1/1 after 10s", "0/1/2 after 22s", "1/1/1 after 32s", "2/1/1 after 42s", "3/1/1 after 52s"}, nil},
		"long": {again(30 * sec), []string{"0/1/1 after 10s"},
			[]change{{handle("3", 1), 0}, {handle("2", 1), 0}, {handle("1", 1), 0}, {handle("0", 1), 30}}},
	} {
		for _, prefetch := range []int{0, 5} {
			t.Run(fmt.Sprint(name, "/", prefetch), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					f := newTimed(grouped("g", "0"), grouped("g", "1"))
					j := newJournal()
					h := j.failing(test.err)
					w := start(t, f, "jobs.fifo", func(ctx context.Context, m *worker.Message) error {
						time.Sleep(10 * sec)
						return h(ctx, m)
					}, func(o *worker.Options) { o.Prefetch = prefetch })
					time.Sleep(sec)
					f.put(grouped("g", "2"))
					time.Sleep(sec)
					f.put(grouped("g", "3"))
					after(28*sec - 1) // nothing was extended yet
					if got := f.changed(); !slices.Equal(got, test.back) {
						t.Errorf("visibility changes %v, want %v", got, test.back)
					}
					after(time.Minute)
					w.clean()
					j.want(t, test.want...)
				})
			})
		}
	}
}

// The last receive of one that came later counts too.
func TestFIFOOverALaxQueueHoldsForThoseThatCameLater(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(received("g", "0", 1)).redrives("3")
		j := newJournal()
		h := j.failing(again(time.Minute))
		w := start(t, f, "jobs.fifo", func(ctx context.Context, m *worker.Message) error {
			time.Sleep(2 * sec)
			return h(ctx, m)
		})
		synctest.Wait()
		f.put(received("g", "1", 3))
		after(2 * time.Minute)
		w.clean()
		j.want(t, "0/1/1 after 2s", "0/1/2 after 1m4s", "1/3/3 after 1m6s")
	})
}

// strict is a queue that delivers no more than one message with each receive.
type strict struct{ *local }

func (s strict) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	one := *in
	one.MaxNumberOfMessages = 1
	return s.Server.ReceiveMessage(ctx, &one, o...)
}

func TestLocalFIFOOverAStrictQueue(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]error{"at once": again(0), "short": again(3 * sec), "long": again(20 * sec), "panic": nil} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, "jobs.fifo")
				q.send("jobs.fifo", 20, "a", "b", "c")
				j := &groupJob{t: t, failure: failure, failed: map[string]bool{}, running: map[string]int{}, done: map[string]int{}}
				w, other := start(t, strict{q}, "jobs.fifo", j.handle), start(t, strict{q}, "jobs.fifo", j.handle)
				after(20 * time.Minute)
				w.clean()
				other.clean()
				q.want("jobs.fifo", "0", "0")
				for _, g := range []string{"a", "b", "c"} {
					if j.done[g] != 20 {
						t.Errorf("%d messages of group %s done, want 20", j.done[g], g)
					}
				}
			})
		})
	}
}
