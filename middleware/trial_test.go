package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/cenkalti/backoff/v4"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

var errFlaky = errors.New("flaky")

// trial is a worker on a queue of its own, and what it has told its hook.
type trial struct {
	*localqueue.Server
	t    *testing.T
	stop context.CancelFunc
	done chan error

	mu     sync.Mutex
	events []worker.Event
}

// onTrial makes the queues of spec, sends n messages with the bodies 0, 1, ... to the queue
// named, and has a worker call h.
func onTrial(t *testing.T, spec, queue string, n int, h worker.Handler, opts ...func(*worker.Options)) *trial {
	t.Helper()
	r := &trial{Server: localqueue.New(), t: t, done: make(chan error, 1)}
	r.MustCreate(spec)
	for i := range n {
		r.send(&sqs.SendMessageInput{QueueUrl: r.url(queue), MessageBody: new(strconv.Itoa(i))})
	}
	r.run(queue, h, opts...)
	t.Cleanup(func() {
		r.drain()
		if err := r.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	return r
}

func (r *trial) send(in *sqs.SendMessageInput) {
	r.t.Helper()
	if _, err := r.SendMessage(context.Background(), in); err != nil {
		r.t.Fatal(err)
	}
}

func (r *trial) run(queue string, h worker.Handler, opts ...func(*worker.Options)) {
	hook := func(o *worker.Options) {
		o.Hook = func(_ context.Context, e worker.Event) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.events = append(r.events, e)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	go func() { r.done <- worker.New(r, queue, h, append(opts, hook)...).Run(ctx) }()
}

// drain ends the worker, which must abandon nothing. It may be called twice.
func (r *trial) drain() {
	r.t.Helper()
	if r.stop == nil {
		return
	}
	r.stop()
	r.stop = nil
	if err := <-r.done; err != nil {
		r.t.Errorf("Run = %v", err)
	}
}

// handled returns the events about handlers that have returned.
func (r *trial) handled() (es []worker.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Kind == worker.EventHandled {
			es = append(es, e)
		}
	}
	return es
}

// ended fails the test unless each handled message had one of these outcomes, in order.
func (r *trial) ended(want ...worker.Outcome) {
	r.t.Helper()
	got, last := []worker.Outcome{}, error(nil)
	for _, e := range r.handled() {
		got, last = append(got, e.Outcome), e.Err
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("handlers ended %v, want %v; the last with %v", got, want, last)
	}
}

// requests counts those of one action.
func (r *trial) requests(action string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Kind == worker.EventRequest && e.Action == action && !e.Extends {
			n++
		}
	}
	return n
}

func (r *trial) url(queue string) *string {
	r.t.Helper()
	out, err := r.GetQueueUrl(context.Background(), &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		r.t.Fatal(err)
	}
	return out.QueueUrl
}

// holds fails the test unless the queue has so many visible messages and messages in flight.
func (r *trial) holds(queue, visible, flying string) {
	r.t.Helper()
	out, err := r.GetQueueAttributes(context.Background(), &sqs.GetQueueAttributesInput{
		QueueUrl: r.url(queue), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	v, f := out.Attributes["ApproximateNumberOfMessages"], out.Attributes["ApproximateNumberOfMessagesNotVisible"]
	if v != visible || f != flying {
		r.t.Errorf("%s holds %s visible messages and %s in flight, want %s and %s", queue, v, f, visible, flying)
	}
}

// elapse lets d go by.
func elapse(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// script is a handler that notes when it is called and for which attempt, and fails with
// the errors in turn, the last of them for ever.
type script struct {
	errs []error

	mu    sync.Mutex
	began time.Time
	at    []time.Duration
	tries []string // attempts/receives
}

func newScript(errs ...error) *script { return &script{errs: errs, began: time.Now()} }

func (c *script) Handle(_ context.Context, m *worker.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = append(c.at, time.Since(c.began))
	c.tries = append(c.tries, fmt.Sprintf("%d/%d", m.Attempts, m.Receives))
	return c.errs[min(len(c.at), len(c.errs))-1]
}

func (c *script) want(t *testing.T, at ...time.Duration) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if fmt.Sprint(c.at) != fmt.Sprint(at) {
		t.Errorf("called after %v, want %v", c.at, at)
	}
}

func (c *script) tried(t *testing.T, want ...string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if fmt.Sprint(c.tries) != fmt.Sprint(want) {
		t.Errorf("called for attempts/receives %v, want %v", c.tries, want)
	}
}

// steps is a BackOff with these delays; then it stops.
type steps struct {
	delays []time.Duration
	n      int
}

func (s *steps) Reset() { s.n = 0 }
func (s *steps) NextBackOff() time.Duration {
	s.n++
	if s.n > len(s.delays) {
		return backoff.Stop
	}
	return s.delays[s.n-1]
}

// by returns an option of Retry: these delays, whatever the error.
func by(delays ...time.Duration) func(*middleware.RetryOptions) {
	return func(o *middleware.RetryOptions) {
		o.BackOff = func(error) backoff.BackOff { return &steps{delays: delays} }
	}
}

func inProcess(d time.Duration) func(*middleware.RetryOptions) {
	return func(o *middleware.RetryOptions) { o.InProcess = d }
}
