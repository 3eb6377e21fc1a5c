package worker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
)

// The tests in this file run workers over a queue with SQS's semantics.

type local struct {
	*localqueue.Server
	t testing.TB
}

func newLocal(t testing.TB, specs ...string) *local {
	t.Helper()
	q := openLocal(t)
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	q.MustCreate(specs...)
	return &local{q, t}
}

// openLocal makes a server in memory or, if QUAYSIDE_TEST_DURABLE is set, one on disk:
// all that is tested here is the same for both.
func openLocal(t testing.TB) *localqueue.Server {
	t.Helper()
	if os.Getenv("QUAYSIDE_TEST_DURABLE") == "" {
		return localqueue.New()
	}
	q, err := localqueue.Open(t.TempDir(), func(o *localqueue.Options) { o.SegmentSize = 2 << 20 })
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func (q *local) url(queue string) *string {
	q.t.Helper()
	out, err := q.GetQueueUrl(context.Background(), &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		q.t.Fatal(err)
	}
	return out.QueueUrl
}

// receives sets the maxReceiveCount of a queue that has a dead-letter queue.
func (q *local) receives(queue string, n int) {
	q.t.Helper()
	ctx, url := context.Background(), q.url(queue)
	name := types.QueueAttributeNameRedrivePolicy
	out, err := q.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{name}})
	if err != nil {
		q.t.Fatal(err)
	}
	var policy map[string]any
	if err := json.Unmarshal([]byte(out.Attributes[string(name)]), &policy); err != nil {
		q.t.Fatal(err)
	}
	policy["maxReceiveCount"] = n
	text, _ := json.Marshal(policy)
	_, err = q.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{string(name): string(text)}})
	if err != nil {
		q.t.Fatal(err)
	}
}

// send sends n messages with the bodies 0, 1, ... to each group; on a standard
// queue there is one group, "".
func (q *local) send(queue string, n int, groups ...string) {
	q.t.Helper()
	url := q.url(queue)
	if len(groups) == 0 {
		groups = []string{""}
	}
	for i := range n {
		for _, g := range groups {
			in := &sqs.SendMessageInput{QueueUrl: url, MessageBody: new(strconv.Itoa(i))}
			if g != "" {
				in.MessageGroupId, in.MessageDeduplicationId = &g, new(fmt.Sprint(g, "-", i))
			}
			if _, err := q.SendMessage(context.Background(), in); err != nil {
				q.t.Fatal(err)
			}
		}
	}
}

// counts returns how many messages a queue holds: visible, and in flight.
func (q *local) counts(queue string) (visible, flying string) {
	q.t.Helper()
	out, err := q.GetQueueAttributes(context.Background(), &sqs.GetQueueAttributesInput{
		QueueUrl: q.url(queue), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		q.t.Fatal(err)
	}
	return out.Attributes["ApproximateNumberOfMessages"], out.Attributes["ApproximateNumberOfMessagesNotVisible"]
}

func (q *local) want(queue, visible, flying string) {
	q.t.Helper()
	if v, f := q.counts(queue); v != visible || f != flying {
		q.t.Errorf("%s holds %s visible messages and %s in flight, want %s and %s", queue, v, f, visible, flying)
	}
}

// tally counts what happens to each message.
type tally struct {
	mu   sync.Mutex
	seen map[string]int
}

func (c *tally) add(m *worker.Message) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seen = make(map[string]int)
	}
	c.seen[m.ID]++
	return c.seen[m.ID]
}

// each fails the test unless n messages were counted, each of them times.
func (c *tally) each(t *testing.T, n, times int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.seen) != n {
		t.Errorf("%d different messages were handled, want %d", len(c.seen), n)
	}
	for id, got := range c.seen {
		if got != times {
			t.Errorf("message %s was handled %d times, want %d", id, got, times)
		}
	}
}

func TestLocalDelivery(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 1000)
		var c tally
		job := func(ctx context.Context, m *worker.Message) error {
			c.add(m)
			return wait(ctx, rand.N(time.Second))
		}
		workers := []*running{start(t, q, "orders", job), start(t, q, "orders", job), start(t, q, "orders", job)}
		after(time.Minute)
		c.each(t, 1000, 1)
		q.want("orders", "0", "0")
		for _, w := range workers {
			w.clean()
		}
	})
}

func TestLocalRequestsPerMessage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 1000)
		f := newFake()
		w := start(t, q, "orders", func(ctx context.Context, _ *worker.Message) error {
			return wait(ctx, time.Second)
		}, concurrency(1000), hooked(f))
		after(2 * time.Second)
		w.clean()
		n := map[string]int{}
		for _, e := range f.of(worker.EventRequest) {
			n[e.Action]++
		}
		// A receive more finds the queue empty.
		if n["ReceiveMessage"] != 101 || n["DeleteMessageBatch"] != 100 {
			t.Errorf("1000 messages took %v requests, want 101 receives and 100 deletes", n)
		}
	})
}

// comeback handles one message that fails with err the first time, and returns
// how long it took to come again.
func comeback(t *testing.T, err error, opts ...func(*worker.Options)) time.Duration {
	q := newLocal(t, "orders")
	q.send("orders", 1)
	times := make(chan time.Time, 2)
	w := start(t, q, "orders", func(_ context.Context, m *worker.Message) error {
		times <- time.Now()
		if m.Receives == 1 {
			return err
		}
		return nil
	}, opts...)
	first, second := <-times, <-times
	w.clean()
	q.want("orders", "0", "0")
	return second.Sub(first)
}

func TestLocalComebacks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		opt  func(*worker.Options)
		want time.Duration
	}{
		"backoff":                       {errLost, func(*worker.Options) {}, time.Second},
		"RetryAfter":                    {worker.RetryAfter(7*time.Second, errLost), func(*worker.Options) {}, 7 * time.Second},
		"RetryAfter beyond the timeout": {worker.RetryAfter(11*time.Hour, errLost), func(*worker.Options) {}, 11 * time.Hour},
		"RetryAfter beyond 12 hours":    {worker.RetryAfter(13*time.Hour, errLost), func(*worker.Options) {}, 12*time.Hour - time.Second},
		"Policy.Retry": {errLost, func(o *worker.Options) {
			o.Policy.Retry = func(m *worker.Message, _ error) time.Duration { return time.Duration(m.Receives) * time.Minute }
		}, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				if got := comeback(t, test.err, test.opt); got != test.want {
					t.Errorf("the message came back after %v, want %v", got, test.want)
				}
			})
		})
	}
}

func TestLocalPoisonReachesTheDeadLetterQueue(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		h        worker.Handler
		attempts int
	}{
		"error":       {worker.HandlerFunc(func(context.Context, *worker.Message) error { return errLost }), 5},
		"panic":       {worker.HandlerFunc(func(context.Context, *worker.Message) error { panic("poison") }), 5},
		"undecodable": {worker.JSON(func(context.Context, order) error { return nil }), 1},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, "orders -> orders-dlq")
				q.send("orders", 2) // the bodies are numbers, not orders
				f := newFake()
				w := start(t, q, "orders", test.h.Handle, hooked(f))
				after(5 * time.Minute)
				w.clean()
				q.want("orders", "0", "0")
				q.want("orders-dlq", "2", "0")
				if n := len(f.of(worker.EventHandled)); n != 2*test.attempts {
					t.Errorf("2 messages were handled %d times, want %d times each", n, test.attempts)
				}
			})
		})
	}
}

// groupJob fails every seventh message the first time, and checks that messages
// of a group run one at a time and are done in order.
type groupJob struct {
	t       *testing.T
	failure error // nil: panic

	mu      sync.Mutex
	failed  map[string]bool
	running map[string]int
	done    map[string]int // messages of a group done, which are 0, 1, ...
}

func (j *groupJob) handle(ctx context.Context, m *worker.Message) error {
	j.count(m, 1)
	err := wait(ctx, rand.N(100*time.Millisecond))
	j.count(m, -1)
	j.mu.Lock()
	defer j.mu.Unlock()
	i, _ := strconv.Atoi(m.Body)
	if i%7 == 3 && !j.failed[m.ID] {
		j.failed[m.ID] = true
		if j.failure == nil {
			panic("failed")
		}
		return j.failure
	}
	if i != j.done[m.Group] {
		j.t.Errorf("group %s: message %d was handled when it was %d's turn", m.Group, i, j.done[m.Group])
	}
	j.done[m.Group]++
	return err
}

func (j *groupJob) count(m *worker.Message, by int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.running[m.Group] += by; j.running[m.Group] > 1 {
		j.t.Errorf("two messages of group %s run at once", m.Group)
	}
}

func TestLocalFIFO(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]error{
		"left":       errLost,
		"RetryAfter": worker.RetryAfter(3*time.Second, nil),
		"at once":    worker.RetryAfter(0, nil),
		"panic":      nil,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, "jobs.fifo")
				q.send("jobs.fifo", 50, "a", "b", "c")
				j := &groupJob{t: t, failure: failure, failed: map[string]bool{}, running: map[string]int{}, done: map[string]int{}}
				w1, w2 := start(t, q, "jobs.fifo", j.handle), start(t, q, "jobs.fifo", j.handle)
				after(10 * time.Minute)
				w1.clean()
				w2.clean()
				q.want("jobs.fifo", "0", "0")
				if want := map[string]int{"a": 50, "b": 50, "c": 50}; !maps.Equal(j.done, want) {
					t.Errorf("messages done by group: %v, want %v", j.done, want)
				}
			})
		})
	}
}

func TestLocalFIFOGoesOnRightAfterTheFailedMessage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "jobs.fifo")
		q.send("jobs.fifo", 5, "g")
		began := time.Now()
		var last time.Duration
		w := start(t, q, "jobs.fifo", func(_ context.Context, m *worker.Message) error {
			if m.Body == "1" && m.Attempts == 1 {
				return worker.RetryAfter(2*time.Second, errLost)
			}
			last = time.Since(began)
			return nil
		})
		after(time.Minute)
		w.clean()
		if last != 2*time.Second {
			t.Errorf("the last message was handled after %v, want 2s: with the one that failed, not a visibility timeout later", last)
		}
	})
}

// Workers come and go under load; in the end each message was done once.
func TestLocalDrainsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{"orders", "jobs.fifo"} {
		t.Run(queue, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, queue)
				n := 600
				if queue == "jobs.fifo" {
					q.send(queue, n/20, strings20()...)
				} else {
					q.send(queue, n)
				}
				var done tally
				job := func(ctx context.Context, m *worker.Message) error {
					if err := wait(ctx, rand.N(2*time.Second)); err != nil {
						return err
					}
					done.add(m)
					return nil
				}
				for i := range 10 {
					w := start(t, q, queue, job, func(o *worker.Options) {
						o.Concurrency = 5 + i
						o.DrainTimeout = time.Second // so that some are interrupted
					})
					time.Sleep(rand.N(5 * time.Second))
					w.clean()
					if _, flying := q.counts(queue); flying != "0" {
						t.Errorf("%s messages in flight after a drain, want none", flying)
					}
				}
				w := start(t, q, queue, job, concurrency(50))
				after(10 * time.Minute)
				w.clean()
				done.each(t, n, 1)
				q.want(queue, "0", "0")
			})
		})
	}
}

func strings20() (groups []string) {
	for i := range 20 {
		groups = append(groups, "group"+strconv.Itoa(i))
	}
	return groups
}

func TestLocalAbandonedMessageIsVisibleAfterTheDrain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 1)
		w := start(t, q, "orders", func(context.Context, *worker.Message) error {
			time.Sleep(28 * time.Second)
			return nil
		})
		synctest.Wait()
		var d *worker.DrainError
		if err := w.drain(); !errors.As(err, &d) || d.Abandoned != 1 {
			t.Errorf("Run = %v, want one handler abandoned", err)
		}
		q.want("orders", "1", "0")
		after(time.Minute)
		q.want("orders", "1", "0") // what the handler returned had no effect
	})
}

func TestLocalQueueDeletedWhileRunning(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		w := start(t, q, "orders", ok)
		synctest.Wait()
		if _, err := q.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: q.url("orders")}); err != nil {
			t.Fatal(err)
		}
		<-w.done
		if !errors.As(w.err, new(*types.QueueDoesNotExist)) {
			t.Errorf("Run = %v, want a QueueDoesNotExist", w.err)
		}
	})
}

func TestLocalMissingQueue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		err := worker.New(newLocal(t), "oders", worker.HandlerFunc(ok)).Run(t.Context())
		if !errors.As(err, new(*types.QueueDoesNotExist)) {
			t.Errorf("Run = %v, want a QueueDoesNotExist", err)
		}
	})
}

// The handler of message 0 outlives the visibility timeout, so SQS delivers it
// again, while those behind it are still held: it has to wait for its group, and is
// known to be done when its turn comes.
func TestLocalHandlerSlowerThanTheVisibilityTimeout(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "jobs.fifo")
		q.send("jobs.fifo", 3, "g")
		var mu sync.Mutex
		done := map[string]int{}
		w := start(t, q, "jobs.fifo", func(_ context.Context, m *worker.Message) error {
			if m.Body == "0" && m.Receives == 1 {
				time.Sleep(45 * time.Second)
			}
			mu.Lock()
			done[m.Body]++
			mu.Unlock()
			return nil
		}, unleased)
		after(10 * time.Minute)
		w.clean()
		q.want("jobs.fifo", "0", "0")
		if want := map[string]int{"0": 1, "1": 1, "2": 1}; !maps.Equal(done, want) {
			t.Errorf("messages were handled %v times, want %v", done, want)
		}
	})
}
