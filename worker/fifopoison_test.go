package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

func TestFIFOSiblingsAtTheirLastReceiveAreHeld(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(received("g", "0", 1), received("g", "1", 3), received("g", "2", 1)).redrives("3")
		j := newJournal()
		w := start(t, f, "jobs.fifo", j.failing(again(10*time.Minute+5*sec), again(20*time.Minute)))
		after(time.Hour)
		w.clean()
		j.want(t, "0/1/1 after 0s", "0/1/2 after 10m5s", "0/1/3 after 30m5s", "1/3/3 after 30m5s", "2/1/1 after 30m5s")
		for _, a := range f.askedFor() {
			if a.seconds != 60 || a.of != 3 {
				t.Errorf("visibility change %v, want extensions of all three alone", a)
			}
		}
		if len(f.deleted()) != 3 || len(f.copies()) != 0 {
			t.Errorf("deleted %v and sent %d copies, want 3 and none", f.deleted(), len(f.copies()))
		}
	})
}

// Left to its visibility timeout, a message would have its siblings left with it.
func TestFIFOSiblingsAreHeldAlsoWithoutARetryTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(received("g", "0", 1), received("g", "1", 3)).redrives("3")
		j := newJournal()
		start(t, f, "jobs.fifo", j.failing(errLost), func(o *worker.Options) {
			o.Policy.Retry = func(*worker.Message, error) time.Duration { return -1 }
		})
		after(2 * time.Minute)
		j.want(t, "0/1/1 after 0s", "0/1/2 after 1m0s", "1/3/3 after 1m0s")
	})
}

func TestFIFOHeadOutOfAttemptsIsMovedByTheWorker(t *testing.T) {
	t.Parallel()
	for name, ms := range map[string][]types.Message{
		"last receive":          {received("g", "0", 3), received("g", "1", 1)},
		"both at their last":    {received("g", "0", 3), received("g", "1", 3)},
		"tried in process":      {received("g", "0", 1), received("g", "1", 1)},
		"alone, and in process": {received("g", "0", 2)},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newTimed(ms...).redrives("3")
				j := newJournal()
				w := start(t, f, "jobs.fifo", j.failing(again(sec), again(sec), again(sec), again(sec)), hooked(f.fake))
				after(time.Minute)
				w.clean()
				es := f.of(worker.EventHandled)
				heads := slices.DeleteFunc(slices.Clone(es), func(e worker.Event) bool { return e.Message.Body != "0" })
				if n := 4 - receives(ms[0]); len(heads) != n {
					t.Fatalf("the head was handled %d times, want %d: up to its third attempt", len(heads), n)
				}
				if last := heads[len(heads)-1]; last.Outcome != worker.DeadLettered || !errors.Is(last.Err, errLost) {
					t.Errorf("the last outcome of the head is %q with %v, want dead-lettered with what it failed with", last.Outcome, last.Err)
				}
				if len(f.copies()) != 1 || *f.copies()[0].MessageBody != "0" {
					t.Errorf("sent %v, want a copy of the head", f.copies())
				}
				if len(f.deleted()) != len(ms) || len(es)-len(heads) != len(ms)-1 {
					t.Errorf("deleted %v, handled %v: want all deleted and the siblings handled once", f.deleted(), es)
				}
				if len(f.changed()) != 0 {
					t.Errorf("visibility changes %v, want none: the siblings run under the leases they have", f.changed())
				}
			})
		})
	}
}

// A lone message at its last receive is SQS's to move.
func TestFIFOLoneHeadIsLeftToTheRedrivePolicy(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(received("g", "0", 3)).redrives("3")
		w := start(t, f, "jobs.fifo", newJournal().failing(again(time.Minute)))
		after(sec)
		w.clean()
		if len(f.copies()) != 0 || !slices.Equal(f.changed(), []change{{handle("0", 3), 60}}) {
			t.Errorf("sent %d copies and changed %v, want no copy, and the message hidden for 60 s", len(f.copies()), f.changed())
		}
	})
}

// If the worker may not write to the dead-letter queue, the siblings still do not pay.
func TestFIFOHeadThatCannotBeMovedIsHeld(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(received("g", "0", 3), received("g", "1", 3)).redrives("3")
		f.onSend = func(context.Context, int) error { return apiError("AccessDenied") }
		j := newJournal()
		w := start(t, f, "jobs.fifo", j.failing(again(time.Minute), again(time.Minute)), hooked(f.fake))
		after(3 * time.Minute)
		w.clean()
		j.want(t, "0/3/3 after 0s", "0/3/4 after 1m0s", "0/3/5 after 2m0s", "1/3/3 after 2m0s")
		if es := f.of(worker.EventUnsettled); len(es) != 2 || es[0].Action != "SendMessage" {
			t.Errorf("unsettled %v, want the two copies that were not sent", es)
		}
	})
}

// Whatever happens to a poisonous head, the others of its group are handled, and
// nothing but it reaches the dead-letter queue.
func TestLocalFIFOPoisonTakesNobodyAlong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		poison error // nil: panic
		lasts  time.Duration
	}{
		"error":       {errLost, time.Hour},
		"panic":       {nil, time.Hour},
		"at once":     {again(0), time.Hour},
		"short":       {again(2 * sec), time.Hour},
		"long":        {again(time.Minute), time.Hour},
		"very long":   {again(time.Hour), 12 * time.Hour},
		"too long":    {again(24 * time.Hour), 100 * time.Hour}, // 12 hours for each receive but the last
		"Snooze":      {worker.Snooze(time.Minute), 30 * time.Hour},
		"DeadLetter":  {worker.DeadLetter(errLost), time.Hour},
		"undecodable": {&worker.DecodeError{Err: errLost}, time.Hour},
	} {
		for _, receives := range []int{1, 2, 4} {
			t.Run(fmt.Sprint(name, "/", receives), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					q := newLocal(t, "jobs.fifo", "dead.fifo")
					q.set("jobs.fifo", "MessageRetentionPeriod", "1209600")
					q.set("dead.fifo", "MessageRetentionPeriod", "1209600")
					q.redrive("jobs.fifo", "dead.fifo", receives)
					q.send("jobs.fifo", 8, "g", "h")
					var done tally
					h := func(_ context.Context, m *worker.Message) error {
						switch {
						case m.Body != "0" && m.Body != "3":
							done.add(m)
							return nil
						case test.poison == nil:
							panic("poison")
						}
						return test.poison
					}
					w, other := start(t, q, "jobs.fifo", h), start(t, q, "jobs.fifo", h)
					after(test.lasts)
					w.clean()
					other.clean()
					done.each(t, 12, 1)
					q.want("jobs.fifo", "0", "0")
					q.want("dead.fifo", "4", "0")
				})
			})
		}
	}
}
