package worker_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// A repeated id is answered by SQS with what it said the first time: right if the reply
// was lost, wrong if it was that the request is throttled.
func TestReceiveAttemptIDs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed()
		for _, err := range []error{errLost, apiError("RequestThrottled"), apiError("InternalFailure"), errLost, errLost} {
			f.replies <- reply{err: err}
		}
		f.put(grouped("g", "a"))
		start(t, f, "jobs.fifo", ok)
		after(time.Minute)
		_, a := f.polls()
		if len(a) < 7 || a[0] == "" {
			t.Fatalf("receives had the attempt ids %v, want one each", a)
		}
		var fresh []bool
		for i := 1; i < 8; i++ {
			fresh = append(fresh, a[i] != a[i-1])
		}
		// After: lost, throttled, an error of SQS, lost, lost, an answer, an empty answer.
		if want := []bool{false, true, true, false, false, true, true}; !slices.Equal(fresh, want) {
			t.Errorf("fresh attempt ids after each receive: %v, want %v", fresh, want)
		}
	})
}

func TestStandardQueuesHaveNoReceiveAttempts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(message("a", 1, "x"))
		start(t, f, "orders", ok)
		after(time.Minute)
		if _, attempts := f.polls(); len(attempts) != 0 {
			t.Errorf("receives had the attempt ids %v, want none", attempts)
		}
	})
}

func TestIdlePollsAreLong(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed()
		start(t, f, "orders", ok)
		after(time.Hour - 1)
		got, _ := f.polls()
		if want := slices.Repeat([]int32{20}, 180); !slices.Equal(got, want) {
			t.Errorf("an idle hour took %d receives that waited %v s, want 180 of 20 s", len(got), got)
		}
	})
}

// Autoscalers look at what is visible in the queue.
func TestLocalTheBacklogStaysInTheQueue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 30)
		long := time.Duration(0)
		w := start(t, q, "orders", func(ctx context.Context, _ *worker.Message) error { return wait(ctx, long) },
			concurrency(12), func(o *worker.Options) { o.DrainTimeout = sec })
		after(sec)
		long = time.Hour
		q.send("orders", 100)
		for range 10 {
			after(3 * sec)
			q.want("orders", "88", "12")
		}
		w.clean()
		q.want("orders", "100", "0")
	})
}

// With a buffer, Stats has what the queue's own numbers do not tell. It takes no more
// than was handled lately.
func TestLocalTheBufferIsCounted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		w := worker.New(q, "orders", worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			if m.Body == "0" {
				return nil
			}
			return wait(ctx, time.Hour)
		}), concurrency(2), func(o *worker.Options) { o.Prefetch, o.DrainTimeout = 50, sec })
		ctx, stop := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() {
			if err := w.Run(ctx); err != nil {
				t.Errorf("Run = %v", err)
			}
		})
		for range 6 {
			q.send("orders", 1)
			after(sec)
		}
		q.send("orders", 40)
		after(5 * sec)
		s := w.Stats()
		if s.Running != 2 || s.Waiting < 1 || s.Waiting > 8 || s.Leases != s.Running+s.Waiting {
			t.Errorf("%+v, want 2 running, some waiting but no more than the 7 handled lately, and a lease for each", s)
		}
		q.want("orders", strconv.Itoa(39-s.Running-s.Waiting), strconv.Itoa(s.Running+s.Waiting))
		stop()
		done.Wait()
		q.want("orders", "39", "0")
	})
}
