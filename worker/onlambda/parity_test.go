package onlambda_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
	"github.com/quayside-go/quayside/worker/onlambda"
)

// The suite in this file has the same handlers and outcomes on a worker and behind Lambda,
// each given one delivery of the same messages, and compares what becomes of the queue.

type parity struct {
	name    string
	queue   string // "jobs" or "jobs.fifo", with a dead-letter queue in another name if dead
	dead    bool
	most    int      // maxReceiveCount; 0: 5
	bodies  []string // default: "a"
	handler func() worker.Handler
	retry   time.Duration // what Policy.Retry says
	stop    time.Duration // when the worker is told to stop, and Lambda's time is up; 0: never
	options func(*onlambda.Options)

	want []string // what becomes of the queue, from future

	// onWorker is what becomes of it on a worker, and why that must differ; nil: the same.
	onWorker []string
	why      string
}

// deletesLast is why a message that is done early stays in flight.
const deletesLast = "Lambda deletes what is done when the function has responded, and not before"

var errLost = errors.New("lost")

// fails returns a handler that fails bodies that end in "!" with err.
func fails(err error) func() worker.Handler {
	return does(func(context.Context) error { return err })
}

func does(f func(context.Context) error) func() worker.Handler {
	return func() worker.Handler {
		return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			if strings.HasSuffix(m.Body, "!") {
				return f(ctx)
			}
			return nil
		})
	}
}

func typed() worker.Handler {
	x := worker.NewMux(worker.ByField("kind"))
	x.Route("known", worker.JSON(func(context.Context, struct{ N int }) error { return nil }))
	return worker.Chain(nothing)(x)
}

// nothing is a middleware that changes nothing.
func nothing(next worker.Handler) worker.Handler {
	return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error { return next.Handle(ctx, m) })
}

// batched handles four at once, and has each meet another end.
func batched() worker.Handler {
	return worker.Batch(4, time.Hour, func(_ context.Context, vs []int) []error {
		errs := make([]error, len(vs))
		for i, v := range vs {
			errs[i] = []error{nil, worker.Discard(errLost), worker.RetryAfter(5*time.Second, nil), worker.DeadLetter(errLost)}[v]
		}
		return errs
	})
}

var standard = []parity{
	{name: "nil", handler: fails(nil), bodies: []string{"a", "b!"}, want: []string{"0s: 0+0"}},
	{name: "Discard", handler: fails(worker.Discard(errLost)), bodies: []string{"a!", "b"}, want: []string{"0s: 0+0"}},
	{name: "an error, by Policy.Retry", handler: fails(errLost), bodies: []string{"a", "b!"}, retry: 7 * time.Second,
		want: []string{"0s: 0+1", "7s: 1+0", "b!#2"}},
	{name: "an error, at once", handler: fails(errLost), bodies: []string{"b!"}, want: []string{"0s: 1+0", "b!#2"}},
	{name: "an error, left to the visibility timeout", handler: fails(errLost), bodies: []string{"b!"}, retry: -1,
		want: []string{"0s: 0+1", "30s: 1+0", "b!#2"}},
	{name: "RetryAfter", handler: fails(worker.RetryAfter(90*time.Second, errLost)), bodies: []string{"b!", "a"},
		want: []string{"0s: 0+1", "1m30s: 1+0", "b!#2"}},
	{name: "RetryAfter, rounded up", handler: fails(worker.RetryAfter(1200*time.Millisecond, errLost)), bodies: []string{"b!"},
		want: []string{"0s: 0+1", "2s: 1+0", "b!#2"}},
	{name: "RetryAfter, shortened to 12 hours", handler: fails(worker.RetryAfter(20*time.Hour, nil)), bodies: []string{"b!"},
		want: []string{"0s: 0+1", "12h0m0s: 1+0", "b!#2"}},
	{name: "RetryAfter, wrapped", handler: fails(fmt.Errorf("ship: %w", errors.Join(errLost, worker.RetryAfter(9*time.Second, nil)))), bodies: []string{"b!"},
		want: []string{"0s: 0+1", "9s: 1+0", "b!#2"}},
	{name: "Snooze", handler: fails(worker.Snooze(5 * time.Second)), bodies: []string{"b!"},
		want: []string{"0s: 0+1", "5s: 1+0", "b!#2"}},
	{name: "DeadLetter", dead: true, handler: fails(worker.DeadLetter(errLost)), bodies: []string{"a", "b!"},
		want: []string{"0s: 0+0 dead 1+0", "dead b!#1 from jobs after 1/1: lost"}},
	{name: "DeadLetter without a dead-letter queue", handler: fails(worker.DeadLetter(errLost)), bodies: []string{"b!"}, retry: 3 * time.Second,
		want: []string{"0s: 0+1", "3s: 1+0", "b!#2"}},
	{name: "a body that cannot be decoded", dead: true, bodies: []string{"1", "x"},
		handler: func() worker.Handler { return worker.JSON(func(context.Context, int) error { return nil }) },
		want:    []string{"0s: 0+0 dead 1+0", "dead x#1 from jobs after 1/1: decode body as int: invalid character 'x' looking for beginning of value"}},
	{name: "a panic", handler: does(func(context.Context) error { panic("no") }), bodies: []string{"b!", "a"}, retry: 4 * time.Second,
		want: []string{"0s: 0+1", "4s: 1+0", "b!#2"}},
	{name: "a panic with an outcome", handler: does(func(context.Context) error { panic(worker.Discard(errLost)) }), bodies: []string{"b!"}, retry: 4 * time.Second,
		want: []string{"0s: 0+1", "4s: 1+0", "b!#2"}},
	{name: "Goexit", handler: does(func(context.Context) error { runtime.Goexit(); return nil }), bodies: []string{"b!", "a"}, retry: 4 * time.Second,
		want: []string{"0s: 0+1", "4s: 1+0", "b!#2"}},
	{name: "a Mux in a Chain", dead: true, handler: typed, bodies: []string{`{"kind":"known"}`, `{"kind":"new"}`},
		want: []string{"0s: 0+0 dead 1+0", `dead {"kind":"new"}#1 from jobs after 1/1: no route for message type "new"`}},
	{name: "a Batch", dead: true, handler: batched, bodies: []string{"0", "1", "2", "3"},
		want: []string{"0s: 0+1 dead 1+0", "5s: 1+0 dead 1+0", "2#2", "dead 3#1 from jobs after 1/1: lost"}},
	{name: "ten at once", handler: fails(worker.RetryAfter(time.Minute, nil)), retry: 0,
		bodies: []string{"0!", "1", "2!", "3", "4!", "5!", "6!", "7", "8!", "9!"},
		want:   []string{"0s: 0+7", "1m0s: 7+0", "0!#2", "2!#2", "4!#2", "5!#2", "6!#2", "8!#2", "9!#2"}},
	{name: "Released", handler: does(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }), bodies: []string{"a", "b!"}, stop: 10 * time.Second,
		want: []string{"0s: 0+2", "10s: 1+0", "b!#2"}, onWorker: []string{"0s: 0+1", "10s: 1+0", "b!#2"}, why: deletesLast},
	{name: "done although cancelled", handler: does(func(ctx context.Context) error { <-ctx.Done(); return nil }), bodies: []string{"a", "b!"}, stop: 10 * time.Second,
		want: []string{"0s: 0+2", "10s: 0+0"}, onWorker: []string{"0s: 0+1", "10s: 0+0"}, why: deletesLast},
	{name: "Snooze when cancelled", handler: does(func(ctx context.Context) error { <-ctx.Done(); return worker.Snooze(time.Minute) }), bodies: []string{"b!"}, stop: 10 * time.Second,
		want: []string{"0s: 0+1", "1m10s: 1+0", "b!#2"}},
	{name: "abandoned", handler: does(func(context.Context) error { time.Sleep(15 * time.Minute); return nil }), bodies: []string{"a", "b!"}, stop: 10 * time.Second,
		want:     []string{"0s: 0+2", "15s: 0+1", "30s: 1+0", "b!#2"},
		onWorker: []string{"0s: 0+1", "15s: 1+0", "b!#2"},
		why:      "a worker's process ends; Lambda's goes on, and so may the handler"},
}

var ordered = []parity{
	{name: "all done", handler: fails(nil), bodies: []string{"g:a", "h:b", "g:c"}, want: []string{"0s: 0+0"}},
	{name: "a failure in the middle", handler: fails(worker.RetryAfter(90*time.Second, nil)), bodies: []string{"g:a", "g:b!", "g:c", "g:d"},
		want: []string{"0s: 2+1", "1m30s: 3+0", "g:b!#2", "g:c#2", "g:d#2"}},
	{name: "left to the visibility timeout", handler: fails(errLost), bodies: []string{"g:a", "g:b!", "g:c"}, retry: -1,
		want: []string{"0s: 1+1", "30s: 2+0", "g:b!#2", "g:c#2"}},
	{name: "a long Snooze", handler: fails(worker.Snooze(time.Minute)), bodies: []string{"g:a!", "g:b", "h:c"},
		want: []string{"0s: 1+1", "1m0s: 2+0", "g:a!#2", "g:b#2"}},
	{name: "a Snooze, and another group", handler: fails(worker.Snooze(time.Minute)), bodies: []string{"g:a!", "h:b", "h:c"}, options: one,
		want: []string{"0s: 0+1", "1m0s: 1+0", "g:a!#2"}},
	{name: "abandoned, with its group", handler: does(func(context.Context) error { time.Sleep(15 * time.Minute); return nil }), bodies: []string{"g:a", "g:b!", "g:c"}, stop: 10 * time.Second,
		want:     []string{"0s: 0+3", "15s: 1+1", "30s: 2+0", "g:b!#2", "g:c#2"},
		onWorker: []string{"0s: 0+2", "10s: 1+1", "15s: 2+0", "g:b!#2", "g:c#2"},
		why:      "a worker's process ends; Lambda's goes on, and so may the handler"},
	{name: "DeadLetter", dead: true, handler: fails(worker.DeadLetter(errLost)), bodies: []string{"g:a", "g:b!", "g:c"},
		want: []string{"0s: 0+0 dead 1+0", "dead g:b!#1 from jobs.fifo after 1/1: lost"}},
	{name: "Discard", handler: fails(worker.Discard(errLost)), bodies: []string{"g:a!", "g:b"}, want: []string{"0s: 0+0"}},
	{name: "a panic", handler: does(func(context.Context) error { panic("no") }), bodies: []string{"g:a", "g:b!", "g:c"}, retry: time.Minute,
		want: []string{"0s: 1+1", "1m0s: 2+0", "g:b!#2", "g:c#2"}},
	{name: "Released, with its group", handler: does(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }), bodies: []string{"g:a", "g:b!", "g:c"}, stop: 10 * time.Second,
		want: []string{"0s: 0+3", "10s: 2+0", "g:b!#2", "g:c#2"}, onWorker: []string{"0s: 0+2", "10s: 2+0", "g:b!#2", "g:c#2"}, why: deletesLast},
	{name: "another group", handler: fails(worker.RetryAfter(time.Minute, nil)), bodies: []string{"g:a!", "h:b", "h:c"}, options: one,
		want:     []string{"0s: 2+1", "1m0s: 3+0", "g:a!#2", "h:b#2", "h:c#2"},
		onWorker: []string{"0s: 0+1", "1m0s: 1+0", "g:a!#2"},
		why:      "a failure ends the batch, as AWS asks of functions that do not know of groups"},
	{name: "another group, with OtherGroups", handler: fails(worker.RetryAfter(time.Minute, nil)), bodies: []string{"g:a!", "h:b", "h:c", "g:d"},
		options: func(o *onlambda.Options) { one(o); o.OtherGroups = true },
		want:    []string{"0s: 1+1", "1m0s: 2+0", "g:a!#2", "g:d#2"}},
	{name: "a short retry", handler: fails(worker.RetryAfter(4*time.Second, nil)), bodies: []string{"g:a!", "g:b"},
		want:     []string{"0s: 1+1", "4s: 2+0", "g:a!#2", "g:b#2"},
		onWorker: []string{"0s: 0+2", "11h59m0s: 2+0", "g:a!#2", "g:b#2"},
		why:      "a worker holds the group and tries again itself, without a receive"},
	{name: "out of attempts", dead: true, most: 1, handler: fails(worker.RetryAfter(time.Minute, errLost)), bodies: []string{"g:a!", "g:b"},
		want:     []string{"0s: 1+1 dead 0+0", "1m0s: 2+0 dead 0+0", "dead g:a!#2", "dead g:b#2"},
		onWorker: []string{"0s: 0+0 dead 1+0", "dead g:a!#1 from jobs.fifo after 1/1: retry after 1m0s: lost"},
		why:      "a worker moves a message that holds up others itself; SQS moves all of the group, handled or not"},
}

// one has one message handled at a time.
func one(o *onlambda.Options) { o.Concurrency = 1 }

func TestParity(t *testing.T) {
	t.Parallel()
	for queue, cases := range map[string][]parity{"jobs": standard, "jobs.fifo": ordered} {
		for _, c := range cases {
			c.queue = queue
			t.Run(queue+"/"+c.name, func(t *testing.T) {
				t.Run("worker", func(t *testing.T) { bubble(t, c.worker) })
				t.Run("lambda", func(t *testing.T) { bubble(t, c.lambda) })
			})
		}
	}
}

// open makes the queue, with the messages in it.
func (c *parity) open(t *testing.T) (q *localqueue.Server, dead string) {
	q = localqueue.New()
	t.Cleanup(func() { q.Close() })
	q.MustCreate(c.queue)
	if c.dead {
		dead = strings.Replace(c.queue, "jobs", "lost", 1)
		q.MustCreate(dead)
		redrive(t, q, c.queue, dead, cmp.Or(c.most, 5))
	}
	send(t, q, c.queue, c.bodies...)
	return q, dead
}

func (c *parity) policy() worker.Policy {
	return worker.Policy{Retry: func(*worker.Message, error) time.Duration { return c.retry }}
}

func (c *parity) worker(t *testing.T) {
	q, dead := c.open(t)
	began := time.Now()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if c.stop > 0 {
		time.AfterFunc(c.stop, cancel)
	}
	ended := make(chan error, 1)
	w := worker.New(&once{Server: q}, c.queue, c.handler(), func(o *worker.Options) {
		o.Policy = c.policy()
		o.DrainTimeout = time.Nanosecond
	})
	go func() { ended <- w.Run(ctx) }()
	got := future(t, q, c.queue, dead, began)
	cancel()
	<-ended
	want := c.want
	if c.why != "" {
		want = c.onWorker
		if slices.Equal(got, c.want) {
			t.Errorf("there is no difference any more for %q", c.why)
		}
	}
	compare(t, got, want)
}

func (c *parity) lambda(t *testing.T) {
	q, dead := c.open(t)
	began := time.Now()
	p := &mapping{t: t, q: q, queue: c.queue, limit: 2 * c.stop, fn: onlambda.Handler(c.handler(), func(o *onlambda.Options) {
		o.Client, o.Policy, o.Margin = q, c.policy(), c.stop
		if c.options != nil {
			c.options(o)
		}
	})}
	go p.invoke()
	compare(t, future(t, q, c.queue, dead, began), c.want)
	if !json.Valid(p.response) {
		t.Errorf("the response is %s", p.response)
	}
}

func compare(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("the queue (visible + in flight, then what is received):\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// once is a queue that has messages for one receive alone.
type once struct {
	*localqueue.Server
	over atomic.Bool
}

func (q *once) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, opts ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	if q.over.Load() {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	in.MaxNumberOfMessages = 10
	out, err := q.Server.ReceiveMessage(ctx, in, opts...)
	if err == nil && len(out.Messages) > 0 {
		q.over.Store(true)
	}
	return out, err
}
