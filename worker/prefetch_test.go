package worker_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/worker"
)

func prefetch(n int) func(*worker.Options) {
	return func(o *worker.Options) { o.Prefetch = n }
}

// With messages at hand, handlers need not wait for receives.
func TestPrefetchKeepsHandlersBusy(t *testing.T) {
	bubble(t, func(t *testing.T) {
		took := map[int]time.Duration{}
		for _, ahead := range []int{0, 40} {
			q := newLocal(t, "orders")
			q.send("orders", 2000)
			began := time.Now()
			var done atomic.Int32
			ended := make(chan struct{})
			w, r := startWorker(t, far{q}, "orders", func(ctx context.Context, _ *worker.Message) error {
				err := wait(ctx, 20*time.Millisecond)
				if done.Add(1) == 2000 {
					close(ended)
				}
				return err
			}, concurrency(10), prefetch(ahead))
			<-ended
			took[ahead] = time.Since(began)
			if n := w.Stats().Received; n != 2000 {
				t.Errorf("%d messages received, want 2000: none given back", n)
			}
			r.clean()
		}
		// 2000 messages by 10 handlers of 20 ms take 4 s.
		if took[40] > 4500*time.Millisecond || took[0] < 6*time.Second {
			t.Errorf("took %v, want 6 s and more without prefetching and at most 4.5 s with it", took)
		}
	})
}

// Far away, as many messages are under way as the distance takes, in receives and in
// deletes, and soon: with 71 pollers 20 ms away, 35,000 messages a second.
func TestPrefetchMakesUpForTheDistance(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 20_000)
		w := start(t, far{q}, "orders", ok, concurrency(64), prefetch(640), func(o *worker.Options) { o.PrefetchBytes = 1 << 30 })
		after(1500 * time.Millisecond)
		q.want("orders", "0", "0")
		w.clean()
	})
}

// What is handled slowly is not fetched ahead: it would wait, and be given back.
func TestPrefetchTakesNoMoreThanWasHandledLately(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders -> dead")
		q.send("orders", 100)
		var c tally
		w, r := startWorker(t, q, "orders", func(ctx context.Context, m *worker.Message) error {
			c.add(m)
			return wait(ctx, time.Hour)
		}, concurrency(10), prefetch(50))
		after(30 * time.Minute)
		if s := w.Stats(); s.Waiting != 0 || s.Received != 10 {
			t.Errorf("%d messages wait, %d were received, want 0 and 10", s.Waiting, s.Received)
		}
		after(20 * time.Hour)
		r.clean()
		c.each(t, 100, 1)
		q.want("dead", "0", "0")
	})
}

// Handlers that become slow leave messages waiting, which keep their leases for a
// visibility timeout and then go back.
func TestPrefetchedMessagesGoBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders -> dead")
		q.send("orders", 200)
		var slow atomic.Bool
		var c tally
		f := newFake()
		w, _ := startWorker(t, q, "orders", func(ctx context.Context, m *worker.Message) error {
			c.add(m)
			d := 100 * time.Millisecond
			if slow.Load() {
				d = time.Hour
			}
			return wait(ctx, d)
		}, concurrency(10), prefetch(50), hooked(f))
		after(time.Second)
		slow.Store(true)
		after(10 * time.Second)
		if n := w.Stats().Waiting; n != 50 {
			t.Errorf("%d messages wait, want 50", n)
		}
		after(20 * time.Second) // each was received less than a visibility timeout ago
		if n := len(f.of(worker.EventLeaseLost)); n > 0 {
			t.Errorf("%d leases lost, want the leases of waiting messages extended", n)
		}
		after(30 * time.Second)
		if s := w.Stats(); s.Waiting != 0 || s.Released != 50 {
			t.Errorf("%d messages wait and %d were released, want 0 and 50", s.Waiting, s.Released)
		}
		slow.Store(false)
		after(3 * time.Hour)
		c.each(t, 200, 1)
		q.want("dead", "0", "0")
	})
}

// Messages at their last receive are not given back: they would be dead-lettered
// without having been handled.
func TestPrefetchedMessagesAtTheirLastReceiveStay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders -> dead")
		q.receives("orders", 1)
		q.send("orders", 100)
		var slow atomic.Bool
		var c tally
		start(t, q, "orders", func(ctx context.Context, m *worker.Message) error {
			c.add(m)
			d := 100 * time.Millisecond
			if slow.Load() {
				d = 20 * time.Minute
			}
			return wait(ctx, d)
		}, concurrency(10), prefetch(20))
		after(300 * time.Millisecond)
		slow.Store(true)
		after(10 * time.Hour)
		c.each(t, 100, 1)
		q.want("dead", "0", "0")
	})
}

// largest notes how many bytes of bodies were at hand at most.
type largest struct {
	*local
	mu         sync.Mutex
	have, most int
}

func (q *largest) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	out, err := q.Server.ReceiveMessage(ctx, in, o...)
	if out != nil {
		for _, m := range out.Messages {
			q.add(len(*m.Body))
		}
	}
	return out, err
}

func (q *largest) add(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.have += n
	q.most = max(q.most, q.have)
}

func TestPrefetchIsBoundedInBytes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := &largest{local: newLocal(t, "orders")}
		body := strings.Repeat("x", 1<<20)
		url := q.url("orders")
		for range 200 {
			if _, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: &body}); err != nil {
				t.Fatal(err)
			}
		}
		w := start(t, q, "orders", func(ctx context.Context, m *worker.Message) error {
			defer q.add(-len(m.Body))
			return wait(ctx, time.Second)
		}, concurrency(10), prefetch(1000), func(o *worker.Options) { o.PrefetchBytes = 16 << 20 })
		after(time.Minute)
		w.clean()
		q.want("orders", "0", "0")
		if most := q.most >> 20; most > 10+16 || most < 20 {
			t.Errorf("%d MiB at hand at most, want 10 for the handlers and 16 ahead", most)
		}
	})
}

func TestPrefetchKeepsGroupsInOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "jobs.fifo")
		q.send("jobs.fifo", 30, strings20()...)
		j := &groupJob{t: t, failure: errLost, failed: map[string]bool{}, running: map[string]int{}, done: map[string]int{}}
		w := start(t, q, "jobs.fifo", j.handle, concurrency(4), prefetch(30))
		after(10 * time.Minute)
		w.clean()
		q.want("jobs.fifo", "0", "0")
		for _, g := range strings20() {
			if j.done[g] != 30 {
				t.Errorf("%d messages of %s are done, want 30", j.done[g], g)
			}
		}
	})
}

// A drain gives everything back that has not begun, with and without prefetching.
func TestDrainsWithPrefetchLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{"orders", "jobs.fifo"} {
		t.Run(queue, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, queue)
				if queue == "orders" {
					q.send(queue, 600)
				} else {
					q.send(queue, 30, strings20()...)
				}
				var done tally
				job := func(ctx context.Context, m *worker.Message) error {
					if err := wait(ctx, 300*time.Millisecond); err != nil {
						return err
					}
					done.add(m)
					return nil
				}
				for i := range 10 {
					w := start(t, q, queue, job, concurrency(3), prefetch(5*i))
					time.Sleep(time.Duration(900+i*37) * time.Millisecond)
					w.clean()
					if _, flying := q.counts(queue); flying != "0" {
						t.Errorf("%s messages in flight after a drain, want none", flying)
					}
				}
				w := start(t, q, queue, job, concurrency(20), prefetch(20))
				after(10 * time.Minute)
				w.clean()
				done.each(t, 600, 1)
				q.want(queue, "0", "0")
			})
		})
	}
}

// tenants counts what runs at once for each key.
type tenants struct {
	mu      sync.Mutex
	running map[string]int
	most    map[string]int
	done    int
}

func (c *tenants) handle(ctx context.Context, m *worker.Message) error {
	key, _, _ := strings.Cut(m.Body, ":")
	c.mu.Lock()
	c.running[key]++
	c.most[key] = max(c.most[key], c.running[key])
	c.mu.Unlock()
	err := wait(ctx, time.Second)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running[key]--
	if err == nil {
		c.done++
	}
	return err
}

func tenantOf(m *worker.Message) string {
	key, _, _ := strings.Cut(m.Body, ":")
	return key
}

func (q *local) sendBodies(queue string, bodies ...string) {
	q.t.Helper()
	url := q.url(queue)
	for _, body := range bodies {
		if _, err := q.SendMessage(context.Background(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: &body}); err != nil {
			q.t.Fatal(err)
		}
	}
}

// A hundred messages of one tenant do not keep the others waiting, and none of
// them reaches the dead-letter queue for having waited.
func TestPerKeyOfAWorker(t *testing.T) {
	t.Parallel()
	for _, ahead := range []int{0, 20} {
		t.Run(fmt.Sprint(ahead), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, "orders -> dead")
				q.receives("orders", 2)
				for i := range 100 {
					q.sendBodies("orders", fmt.Sprint("big:", i))
				}
				q.sendBodies("orders", "small:1", "small:2", "small:3")
				c := &tenants{running: map[string]int{}, most: map[string]int{}}
				w, r := startWorker(t, q, "orders", c.handle, concurrency(100), prefetch(ahead), func(o *worker.Options) {
					o.Gates = []worker.Gate{worker.PerKey(2, tenantOf)}
				})
				after(2500 * time.Millisecond)
				c.mu.Lock()
				if c.done < 6 || c.most["big"] != 2 || c.most["small"] > 2 {
					t.Errorf("%d done in 2.5 s, at most %v at once, want 2 of each key, the small ones done", c.done, c.most)
				}
				c.mu.Unlock()
				after(2 * time.Minute) // longer than the visibility timeout
				if s := w.Stats(); s.Done != 103 || s.Received != 103 || s.Waiting != 0 {
					t.Errorf("%+v, want 103 messages received and done", s)
				}
				r.clean()
				q.want("orders", "0", "0")
				q.want("dead", "0", "0")
			})
		})
	}
}

// What waits for its key is bounded, and goes back when the worker drains.
func TestPerKeyDrain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		for i := range 100 {
			q.sendBodies("orders", fmt.Sprint("big:", i))
		}
		c := &tenants{running: map[string]int{}, most: map[string]int{}}
		gate := worker.PerKey(1, tenantOf)
		w, r := startWorker(t, q, "orders", c.handle, concurrency(10), func(o *worker.Options) { o.Gates = []worker.Gate{gate} })
		after(500 * time.Millisecond)
		if s := w.Stats(); s.Running != 1 || s.Waiting != 19 {
			t.Errorf("%d run and %d wait, want 1 and 19: ten without a permit, the rest with one", s.Running, s.Waiting)
		}
		after(5 * time.Second)
		r.clean()
		q.want("orders", "94", "0") // five are done, and a sixth during the drain
		again := start(t, q, "orders", c.handle, concurrency(10), func(o *worker.Options) { o.Gates = []worker.Gate{gate} })
		after(5 * time.Minute)
		again.clean()
		q.want("orders", "0", "0")
		if c.most["big"] != 1 || c.done != 100 {
			t.Errorf("%d done, %v at once, want 100 and 1", c.done, c.most)
		}
	})
}

func TestPerKeyIsRefusedOnFIFOQueues(t *testing.T) {
	t.Parallel()
	err := worker.New(newFake(), "jobs.fifo", worker.HandlerFunc(ok), func(o *worker.Options) {
		o.Gates = []worker.Gate{worker.PerKey(1, tenantOf), nil, worker.PerKey(0, nil)}
	}).Run(t.Context())
	for _, want := range []string{"Gates[0]", "Gates[1] is nil", "limit is 0"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Run = %v, want it to say %q", err, want)
		}
	}
}

// A breaker stops the worker from receiving rather than failing everything.
func TestBreakerOfAWorker(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders -> dead")
		q.receives("orders", 3)
		q.send("orders", 500)
		var down atomic.Bool
		down.Store(true)
		b := worker.NewBreaker()
		w, r := startWorker(t, q, "orders", func(ctx context.Context, _ *worker.Message) error {
			if err := wait(ctx, 100*time.Millisecond); err != nil {
				return err
			}
			if down.Load() {
				return errLost
			}
			return nil
		}, concurrency(10), func(o *worker.Options) { o.Gates = []worker.Gate{b} })
		after(30 * time.Minute)
		if s := w.Stats(); s.Failed > 60 || b.State() == worker.BreakerClosed {
			t.Errorf("%d failures in half an hour, breaker %v, want it open after few", s.Failed, b.State())
		}
		down.Store(false)
		after(15 * time.Minute)
		if s := w.Stats(); s.Done < 450 || b.State() != worker.BreakerClosed {
			t.Errorf("%d done, breaker %v, want most done after it has closed", s.Done, b.State())
		}
		r.clean()
		q.want("orders", "0", "0")
	})
}

// On a FIFO queue, messages behind a failing one, and those to be tried again in
// process, wait for the breaker as well: an outage is not the end of whole groups. They
// hold permits meanwhile, all of them if there are more groups than that.
func TestBreakerOfAFIFOWorker(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ concurrency, ahead int }{{20, 0}, {25, 0}, {3, 0}, {3, 10}} {
		t.Run(fmt.Sprint(test), func(t *testing.T) {
			bubble(t, func(t *testing.T) { outage(t, test.concurrency, test.ahead) })
		})
	}
}

func outage(t *testing.T, handlers, ahead int) {
	q := newLocal(t, "jobs.fifo -> dead.fifo")
	q.receives("jobs.fifo", 5)
	q.send("jobs.fifo", 30, strings20()...)
	var down atomic.Bool
	b := worker.NewBreaker(func(o *worker.BreakerOptions) { o.Failures, o.Window = 5, 10 })
	w, r := startWorker(t, far{q}, "jobs.fifo", func(ctx context.Context, _ *worker.Message) error {
		if err := wait(ctx, 10*time.Millisecond); err != nil {
			return err
		}
		if down.Load() {
			return errLost
		}
		return nil
	}, concurrency(handlers), prefetch(ahead), func(o *worker.Options) {
		o.Gates = []worker.Gate{b}
		o.Policy.Retry = func(*worker.Message, error) time.Duration { return time.Second }
	})
	after(100 * time.Millisecond)
	down.Store(true)
	after(10 * time.Minute)
	before := w.Stats()
	if before.Failed+before.DeadLettered > 60 || b.State() == worker.BreakerClosed {
		t.Errorf("%d failures in ten minutes, breaker %v, want it open after few", before.Failed+before.DeadLettered, b.State())
	}
	down.Store(false)
	after(30 * time.Minute)
	s := w.Stats()
	if s.DeadLettered > 5 || s.Done+s.DeadLettered != 600 {
		t.Errorf("%d done and %d dead-lettered, %d of them before the end of the outage, want at most 5 dead-lettered and all the others done", s.Done, s.DeadLettered, before.Done)
	}
	r.clean()
	q.want("jobs.fifo", "0", "0")
}

// A drain gives back what waits for the gates in its group.
func TestDrainWhileAGroupWaitsForAGate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "jobs.fifo")
		q.send("jobs.fifo", 5, "g")
		gate := &worker.Switch{}
		w, r := startWorker(t, q, "jobs.fifo", func(ctx context.Context, _ *worker.Message) error {
			gate.Pause()
			return wait(ctx, time.Second)
		}, func(o *worker.Options) { o.Gates = []worker.Gate{gate} })
		after(time.Hour)
		if s := w.Stats(); s.Running != 0 || s.Waiting != 4 || s.LostLeases != 0 {
			t.Errorf("%+v, want four to wait under their leases", s)
		}
		r.clean()
		q.want("jobs.fifo", "4", "0")
	})
}
