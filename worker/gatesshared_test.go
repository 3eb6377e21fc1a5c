package worker_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/worker"
)

func (q *local) sendOne(queue, group, body string) {
	q.t.Helper()
	in := &sqs.SendMessageInput{QueueUrl: q.url(queue), MessageBody: &body}
	if group != "" {
		in.MessageGroupId, in.MessageDeduplicationId = &group, new(group+"-"+body)
	}
	if _, err := q.SendMessage(context.Background(), in); err != nil {
		q.t.Fatal(err)
	}
}

// Groups that ask again and again leave something for the rest of the queue.
func TestGatesRetriesInProcessDoNotStarvePolls(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "jobs.fifo")
		for i := range 4 {
			q.sendOne("jobs.fifo", fmt.Sprint("waits", i), "snooze")
		}
		others := 0
		w := start(t, q, "jobs.fifo", func(_ context.Context, m *worker.Message) error {
			if m.Body == "snooze" {
				return worker.Snooze(2 * sec)
			}
			others++
			return nil
		}, concurrency(10), gated(worker.RateLimit(1, 1)))
		after(time.Minute)
		for i := range 10 {
			q.sendOne("jobs.fifo", fmt.Sprint("g", i), "x")
		}
		after(time.Hour)
		if others != 10 {
			t.Errorf("%d of 10 messages of other groups handled in an hour at one a second, with 6 permits free; want all", others)
		}
		w.clean()
	})
}

// A worker that has no permit to spare does not keep a half-open breaker from others.
func TestABusyWorkerDoesNotKeepTheProbe(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "busy", "idle")
		b := worker.NewBreaker(func(o *worker.BreakerOptions) { o.Failures, o.Window, o.CoolDown = 1, 1, time.Minute })
		for range 3 {
			start(t, q, "busy", func(ctx context.Context, m *worker.Message) error { return wait(ctx, 6*time.Hour) }, concurrency(1), gated(b))
		}
		q.send("busy", 3)
		after(sec)
		began := time.Now()
		var recovered time.Duration
		failed := false
		q.send("idle", 2)
		start(t, q, "idle", func(_ context.Context, m *worker.Message) error {
			if !failed {
				failed = true
				return errLost
			}
			if recovered == 0 {
				recovered = time.Since(began)
			}
			return nil
		}, concurrency(1), gated(b))
		after(5 * time.Hour)
		if recovered == 0 || recovered > 3*time.Minute {
			t.Errorf("the first try after the outage was made after %v, want about the cool-down, 1m; breaker %s", recovered, b.State())
		}
	})
}

// What is buffered does not hold the grant that what has the permit waits for.
func TestGatesProbeInTheBuffer(t *testing.T) {
	for _, poor := range []bool{false, true} {
		t.Run(fmt.Sprint("poor=", poor), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, "jobs.fifo -> dead.fifo")
				q.set("jobs.fifo", "VisibilityTimeout", "3600")
				if poor {
					q.receives("jobs.fifo", 1)
				}
				b := worker.NewBreaker(func(o *worker.BreakerOptions) { o.Failures, o.Window, o.CoolDown = 1, 1, 10*sec })
				j := newJournal()
				w := start(t, q, "jobs.fifo", func(ctx context.Context, m *worker.Message) error {
					j.add(m)
					if m.Body == "slow" && m.Attempts == 1 {
						time.Sleep(time.Minute)
						return again(sec)
					}
					if m.Body == "bad" {
						return worker.DeadLetter(errLost)
					}
					return nil
				}, concurrency(1), gated(b), func(o *worker.Options) { o.Prefetch = 10 })
				for i := range 10 { // the buffer takes what was handled lately
					q.sendOne("jobs.fifo", fmt.Sprint("w", i), "warm")
				}
				after(30 * sec)
				q.sendOne("jobs.fifo", "g", "slow")
				after(5 * sec)
				b.Take(t.Context(), 1)
				b.Done(&worker.Message{}, errLost) // another worker's: the breaker opens
				after(20 * sec)
				q.sendOne("jobs.fifo", "h", "probe")
				after(20 * time.Minute)
				if s := b.State(); s != worker.BreakerClosed {
					t.Errorf("20 minutes later, with a handler that succeeds, the breaker is %s; %v", s, j.lines)
				}
				after(15 * time.Hour)
				if v, f := q.counts("jobs.fifo"); v != "0" || f != "0" {
					t.Errorf("15 hours later %s visible and %s in flight, breaker %s; %v", v, f, b.State(), j.lines[10:])
				}
				if v, _ := q.counts("dead.fifo"); v != "0" {
					t.Errorf("%s dead-lettered", v)
				}
				w.clean()
			})
		})
	}
}

// The same breaker twice.
func TestGatesTheSameBreakerTwice(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		b := worker.NewBreaker()
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()

		if err := worker.New(q, "orders", worker.HandlerFunc(ok), gated(b, b)).Run(ctx); err == nil || !strings.Contains(err.Error(), "twice") {
			t.Errorf("Run = %v, want an error: a message let through by the first half-open one waits for itself at the second", err)
		}
	})
}

// Two breakers, shared by two workers in different orders.
func TestGatesTwoBreakersInOppositeOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "a", "b")
		mk := func(d time.Duration) *worker.Breaker {
			return worker.NewBreaker(func(o *worker.BreakerOptions) { o.Failures, o.Window, o.CoolDown, o.MaxCoolDown = 1, 1, d, d })
		}
		x, y := mk(5*sec), mk(10*sec)
		var n atomic.Int32
		h := func(ctx context.Context, m *worker.Message) error {
			time.Sleep(rand.N(3 * sec))
			if n.Add(1); rand.IntN(3) == 0 {
				return errLost
			}
			return nil
		}
		start(t, q, "a", h, gated(x, y), concurrency(1))
		start(t, q, "b", h, gated(y, x), concurrency(1))
		for range 100 {
			q.send("a", 10)
			q.send("b", 10)
			after(time.Hour)
		}
		before := n.Load()
		after(24 * time.Hour)
		if v, _ := q.counts("a"); n.Load() == before && v != "0" {
			t.Errorf("%s messages wait in a, no handler was called in a day; %d calls before; breakers %s and %s", v, before, x.State(), y.State())
		}
	})
}

// A worker whose queue is empty does not keep a half-open breaker from others.
func TestAnIdleWorkerDoesNotKeepTheProbe(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "empty", "orders")
		b := worker.NewBreaker(func(o *worker.BreakerOptions) { o.Failures, o.Window = 1, 1 })
		trip := func() {
			if _, err := b.Take(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			b.Done(&worker.Message{}, errLost)
		}
		trip()
		start(t, q, "empty", ok, gated(b))
		after(30 * sec)
		start(t, q, "orders", ok, concurrency(1), gated(b))
		q.send("orders", 10)
		after(2 * time.Hour)
		if s := b.State(); s != worker.BreakerClosed {
			v, _ := q.counts("orders")
			t.Errorf("two hours after the outage the breaker is %s, and %s messages wait; want closed", s, v)
		}
	})
}
