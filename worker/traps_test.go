package worker_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

// The tests in this file are about traps of docs/traps.md that belong to no other.

func TestAFailedDeleteIsNotTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.onDelete = func(_ int, in *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
			out := takenBut("bad", in)
			if slices.ContainsFunc(in.Entries, func(e types.DeleteMessageBatchRequestEntry) bool {
				return strings.HasPrefix(*e.ReceiptHandle, "worse")
			}) {
				return nil, apiError("InvalidParameterValue")
			}
			return out, nil
		}
		w := start(t, f, "orders", ok, hooked(f))
		f.put(message("bad", 1, "x"), message("worse", 1, "x"))
		for i := range 60 {
			after(5 * sec)
			f.put(message(strconv.Itoa(i), 1, "x"))
		}
		after(sec)
		if n := len(f.of(worker.EventHandled)); n != 62 {
			t.Errorf("%d messages handled, want 62: two that could not be deleted are no reason to stop", n)
		}
		if es := f.of(worker.EventUnsettled); len(es) != 2 {
			t.Errorf("unsettled events %v, want two", es)
		}
		w.clean()
	})
}

// Deletes that wait for company are made before Run returns, each once.
func TestDrainMakesTheDeletesThatWait(t *testing.T) {
	t.Parallel()
	for name, slow := range map[string]time.Duration{"handler ends": 10 * sec, "handler is abandoned": time.Hour} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				ms := []types.Message{message("slow", 1, "x")}
				for i := range 7 {
					ms = append(ms, message(strconv.Itoa(i), 1, "x"))
				}
				f.put(ms...)
				w := start(t, f, "orders", func(_ context.Context, m *worker.Message) error {
					if m.ID == "slow" {
						time.Sleep(slow)
					}
					return nil
				}, func(o *worker.Options) { o.Policy.DeleteWithin = time.Hour })
				after(sec)
				if n := len(f.deleted()); n != 0 {
					t.Fatalf("%d messages deleted before the drain, want none yet", n)
				}
				err := w.drain()
				want := 8
				if slow == time.Hour {
					want = 7
				} else if err != nil {
					t.Errorf("Run = %v, want nil", err)
				}
				got := f.deleted()
				if len(got) != want || len(slices.Compact(slices.Clone(got))) != want || len(f.deleteRequests()) != 1 {
					t.Errorf("deleted %v in %d requests when Run returned, want %d, each once, in one", got, len(f.deleteRequests()), want)
				}
				after(2 * time.Hour)
			})
		})
	}
}

// The time that one batch of deletes was given is over before another's is.
func TestAFullBatchDoesNotHurryTheNext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.put(message("slow", 1, "x"), message("first", 1, "x"))
		start(t, f, "orders", slowly(time.Hour), concurrency(50))
		after(50 * time.Millisecond)
		f.numbered(9) // leave with the first, which had 50 ms left
		after(10 * time.Millisecond)
		if n := len(f.deleteRequests()); n != 1 {
			t.Fatalf("%d requests after ten deletes, want 1", n)
		}
		f.put(message("a", 1, "x"))
		after(60 * time.Millisecond)
		f.put(message("b", 1, "x"))
		after(40*time.Millisecond - 1)
		if n := len(f.deleteRequests()); n != 1 {
			t.Errorf("%d requests within 100 ms of the next delete, want 1: the time of the first batch is not its", n)
		}
		after(1)
		if n := len(f.deleteRequests()); n != 2 || len(f.deleteRequests()[1]) != 2 {
			t.Errorf("deleted %v, want a and b together, 100 ms after a", f.deleteRequests())
		}
	})
}

func TestBackoffGrowsAndIsSpread(t *testing.T) {
	t.Parallel()
	for attempt, most := range map[int]time.Duration{
		0: sec, 1: sec, 2: 2 * sec, 5: 16 * sec, 10: 512 * sec, 11: 15 * time.Minute, 1000: 15 * time.Minute,
	} {
		seen := map[time.Duration]bool{}
		var longest time.Duration
		for range 1000 {
			d := worker.Backoff(&worker.Message{Attempts: attempt, Receives: 1}, errLost)
			seen[d] = true
			longest = max(longest, d)
			if d <= 0 || d > most {
				t.Fatalf("Backoff after attempt %d = %v, want more than 0, at most %v", attempt, d, most)
			}
		}
		if len(seen) < 900 || longest < most*9/10 {
			t.Errorf("Backoff after attempt %d took %d values up to %v in 1000, want them spread up to %v", attempt, len(seen), longest, most)
		}
	}
}

// A message that always fails, at once, on a queue without a dead-letter queue.
func TestLocalPoisonIsNotAHotLoop(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{"orders", "jobs.fifo"} {
		t.Run(queue, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, queue)
				if queue == "jobs.fifo" {
					q.send(queue, 1, "g")
				} else {
					q.send(queue, 1)
				}
				var n atomic.Int32
				w := start(t, q, queue, func(context.Context, *worker.Message) error { n.Add(1); return errLost })
				after(6 * time.Hour)
				w.clean()
				if n := n.Load(); n < 20 || n > 200 {
					t.Errorf("handled %d times in 6 hours, want about 60: the backoff grows to 15 minutes at most", n)
				}
			})
		})
	}
}

// What failed was not done: only what was done is deleted on sight.
func TestOnlyTheDoneAreDeletedOnSight(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"failed": errLost, "snoozed": worker.Snooze(sec), "again": again(0), "draining": worker.ErrDraining,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				f.put(message("0", 1, "0"))
				w := start(t, f, "orders", newJournal().failing(err, err), hooked(f))
				after(sec)
				f.put(message("0", 2, "0"))
				after(sec)
				f.put(message("0", 3, "0"))
				after(sec)
				w.clean()
				if n := len(f.of(worker.EventHandled)); n != 3 || !slices.Equal(f.deleted(), []string{handle("0", 3)}) {
					t.Errorf("handled %d times and deleted %v, want three times, and the third deleted", n, f.deleted())
				}
			})
		})
	}
}
