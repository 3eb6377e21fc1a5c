package worker_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

// journal writes down what is handled, when: "body/receives/attempts after time".
type journal struct {
	began time.Time
	mu    sync.Mutex
	lines []string
}

func newJournal() *journal { return &journal{began: time.Now()} }

func (j *journal) add(m *worker.Message) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf("%s/%d/%d after %v", m.Body, m.Receives, m.Attempts, time.Since(j.began)))
}

func (j *journal) want(t *testing.T, want ...string) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if !slices.Equal(j.lines, want) {
		t.Errorf("handled (body/receives/attempts)\n%s\nwant\n%s", strings.Join(j.lines, "\n"), strings.Join(want, "\n"))
	}
}

// failing returns a handler that fails the body "0" with errs, one after the other,
// and is done with the rest.
func (j *journal) failing(errs ...error) worker.HandlerFunc {
	return func(_ context.Context, m *worker.Message) error {
		j.add(m)
		if m.Body != "0" || len(errs) == 0 {
			return nil
		}
		err := errs[0]
		errs = errs[1:]
		return err
	}
}

func again(d time.Duration) error { return worker.RetryAfter(d, errLost) }

// set sets an attribute of queue.
func (q *local) set(queue, name, value string) {
	q.t.Helper()
	_, err := q.SetQueueAttributes(context.Background(), &sqs.SetQueueAttributesInput{
		QueueUrl: q.url(queue), Attributes: map[string]string{name: value},
	})
	if err != nil {
		q.t.Fatal(err)
	}
}

// redrive has messages of queue moved to dead after n receives.
func (q *local) redrive(queue, dead string, n int) {
	q.t.Helper()
	arn := "arn:aws:sqs:us-east-1:000000000000:" + dead
	q.set(queue, "RedrivePolicy", fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, arn, n))
}

// received makes a message of a group that has been received n times.
func received(group, id string, n int) types.Message {
	m := message(id, n, id)
	m.Attributes["MessageGroupId"] = group
	m.Attributes["MessageDeduplicationId"] = "d-" + id
	return m
}

func receives(m types.Message) int {
	n, _ := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
	return n
}

func TestFIFOShortBackoffIsWaitedForInProcess(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(grouped("g", "0"), grouped("g", "1"), grouped("h", "2"))
		j := newJournal()
		h := j.failing(again(3 * sec))
		w := start(t, f, "jobs.fifo", func(ctx context.Context, m *worker.Message) error {
			if m.Body == "2" { // of another group, which does not wait
				time.Sleep(sec)
			}
			return h(ctx, m)
		})
		after(10 * sec)
		w.clean()
		j.want(t, "0/1/1 after 0s", "2/1/1 after 1s", "0/1/2 after 3s", "1/1/1 after 3s")
		if waits, _ := f.polls(); len(waits) != 2 || len(f.askedFor()) != 0 {
			t.Errorf("%d receives and visibility changes %v, want the two long polls and none", len(waits), f.askedFor())
		}
	})
}

func TestLocalFIFOShortBackoffCostsNoReceive(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "jobs.fifo -> dead.fifo")
		q.send("jobs.fifo", 3, "g")
		j, f := newJournal(), newFake()
		h := j.failing(again(3*sec), worker.Snooze(2*sec), again(5*sec))
		w, other := start(t, q, "jobs.fifo", h, hooked(f)), start(t, q, "jobs.fifo", h)
		after(time.Minute)
		w.clean()
		other.clean()
		j.want(t,
			"0/1/1 after 0s", "0/1/2 after 3s", "0/1/2 after 5s", "0/1/3 after 10s",
			"1/1/1 after 10s", "2/1/1 after 10s")
		q.want("jobs.fifo", "0", "0")
	})
}

// Ten attempts of 5 s and their pauses take longer than the visibility timeout.
func TestLocalFIFOHeldGroupsKeepTheirLeases(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "jobs.fifo")
		q.send("jobs.fifo", 3, "g")
		j, f := newJournal(), newFake()
		h := func(_ context.Context, m *worker.Message) error {
			j.add(m)
			time.Sleep(5 * sec)
			if m.Body == "0" && m.Attempts < 10 {
				return again(5 * sec)
			}
			return nil
		}
		w, other := start(t, q, "jobs.fifo", h, hooked(f)), start(t, q, "jobs.fifo", h, hooked(f))
		after(5 * time.Minute)
		w.clean()
		other.clean()
		var want []string
		for i := range 10 {
			want = append(want, fmt.Sprintf("0/1/%d after %v", i+1, time.Duration(i)*10*sec))
		}
		j.want(t, append(want, "1/1/1 after 1m35s", "2/1/1 after 1m40s")...)
		if n := len(f.of(worker.EventLeaseLost)); n != 0 {
			t.Errorf("%d leases lost, want none", n)
		}
	})
}

func TestFIFOEachAttemptBeginsWithTheWorkersPolicy(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(grouped("g", "0"))
		var seen []time.Duration
		start(t, f, "jobs.fifo", func(_ context.Context, m *worker.Message) error {
			seen = append(seen, m.Policy().DeleteWithin)
			m.Policy().DeleteWithin = time.Hour
			if m.Attempts < 3 {
				return again(sec)
			}
			return nil
		})
		after(10 * sec)
		if want := slices.Repeat([]time.Duration{worker.DefaultDeleteWithin}, 3); !slices.Equal(seen, want) {
			t.Errorf("attempts began with DeleteWithin %v, want %v", seen, want)
		}
	})
}

// Those behind come again right after the one that failed, and it is not held
// against them.
func TestLocalFIFOLongBackoffReleasesTheSiblings(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "jobs.fifo -> dead.fifo")
		q.send("jobs.fifo", 3, "g")
		j := newJournal()
		w := start(t, q, "jobs.fifo", j.failing(again(sec), again(time.Minute)))
		after(2 * sec)
		if visible, flying := q.counts("jobs.fifo"); visible != "2" || flying != "1" {
			t.Errorf("%s visible and %s in flight, want the siblings visible and the failed one hidden", visible, flying)
		}
		after(time.Minute)
		w.clean()
		j.want(t, "0/1/1 after 0s", "0/1/2 after 1s", "0/2/3 after 1m1s", "1/2/1 after 1m1s", "2/2/1 after 1m1s")
	})
}

func TestLocalFIFODrainDuringAHold(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "jobs.fifo")
		q.send("jobs.fifo", 3, "g")
		j, f := newJournal(), newFake()
		w := start(t, q, "jobs.fifo", j.failing(again(4*sec)), hooked(f))
		time.Sleep(2 * sec)
		w.clean()
		if took := time.Since(j.began); took != 2*sec {
			t.Errorf("the drain took %v, want no time: nothing runs", took-2*sec)
		}
		j.want(t, "0/1/1 after 0s")
		q.want("jobs.fifo", "3", "0")
		if got := f.of(worker.EventStopped)[0].Drained; got.Released != 3 {
			t.Errorf("the report is %+v, want 3 released", got)
		}
		start(t, q, "jobs.fifo", j.failing())
		after(10 * sec)
		j.want(t, "0/1/1 after 0s", "0/2/2 after 2s", "1/2/2 after 2s", "2/2/2 after 2s")
	})
}

// What fails during a drain is not held, but back at once, before its siblings.
func TestLocalFIFOFailureDuringADrain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "jobs.fifo")
		q.send("jobs.fifo", 3, "g")
		j := newJournal()
		w := start(t, q, "jobs.fifo", func(_ context.Context, m *worker.Message) error {
			j.add(m)
			time.Sleep(10 * sec)
			return again(4 * sec)
		})
		time.Sleep(2 * sec)
		w.clean()
		if took := time.Since(j.began); took != 10*sec {
			t.Errorf("the drain was over after %v, want 10s, with the handler", took)
		}
		q.want("jobs.fifo", "3", "0")
		start(t, q, "jobs.fifo", j.failing())
		after(10 * sec)
		j.want(t, "0/1/1 after 0s", "0/2/2 after 10s", "1/2/2 after 10s", "2/2/2 after 10s")
	})
}

// A held message is tried again only while it is leased.
func TestFIFOHeldMessageThatIsLostIsNotTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(grouped("g", "0"), grouped("g", "1"))
		f.onChange = func(_ int, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
			return taken(in, func(h string) *types.BatchResultErrorEntry {
				if h == handle("0", 1) {
					return &types.BatchResultErrorEntry{Code: new("MessageNotInflight"), SenderFault: true}
				}
				return nil
			}), nil
		}
		j := newJournal()
		w := start(t, f, "jobs.fifo", func(ctx context.Context, m *worker.Message) error {
			time.Sleep(28 * sec)
			return j.failing(again(4*sec))(ctx, m)
		}, hooked(f.fake))
		after(5 * time.Minute)
		w.clean()
		j.want(t, "0/1/1 after 28s")
		f.wantAsks(t, ask{30 * sec, handle("0", 1), 60, 2}, ask{30 * sec, handle("1", 1), 60, 2}, ask{32 * sec, handle("1", 1), 0, 1})
	})
}

// Nothing is held for longer than SQS allows.
func TestLocalFIFOHoldsEndBeforeTwelveHours(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "jobs.fifo")
		q.send("jobs.fifo", 2, "g")
		f := newFake()
		var receives []int
		w := start(t, q, "jobs.fifo", func(_ context.Context, m *worker.Message) error {
			if n := len(receives); n == 0 || receives[n-1] != m.Receives {
				receives = append(receives, m.Receives)
			}
			return worker.Snooze(5 * sec)
		}, hooked(f))
		after(30 * time.Hour)
		w.clean()
		if want := []int{1, 2, 3}; !slices.Equal(receives, want) {
			t.Errorf("in 30 hours of snoozing the message was received %v times, want %v: at least every 12 hours", receives, want)
		}
		if n := len(f.of(worker.EventLeaseLost)); n != 0 {
			t.Errorf("%d leases lost, want none", n)
		}
	})
}

// What the hook and the gates hear of a failure has the number of the attempt that failed.
func TestLocalHookHearsTheAttemptThatFailed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "jobs.fifo")
		q.send("jobs.fifo", 1, "g")
		var handled, told []int
		w := start(t, q, "jobs.fifo", func(_ context.Context, m *worker.Message) error {
			if handled = append(handled, m.Attempts); m.Attempts < 4 {
				return again(sec)
			}
			return nil
		}, func(o *worker.Options) {
			o.Hook = func(_ context.Context, e worker.Event) {
				if e.Kind == worker.EventHandled {
					told = append(told, e.Message.Attempts)
				}
			}
		})
		after(10 * sec)
		w.clean()
		if want := []int{1, 2, 3, 4}; !slices.Equal(handled, want) || !slices.Equal(told, want) {
			t.Errorf("the handler was given attempts %v and the hook was told of %v, want %v", handled, told, want)
		}
	})
}
