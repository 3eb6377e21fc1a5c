package onlambda_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
	"github.com/quayside-go/quayside/worker/onlambda"
)

// newQueue makes a server with the queues of specs.
func newQueue(t *testing.T, specs ...string) *localqueue.Server {
	q := localqueue.New()
	t.Cleanup(func() { q.Close() })
	q.MustCreate(specs...)
	return q
}

// event makes an event of messages of the queue jobs.
func event(ids ...string) (e events.SQSEvent) {
	for _, id := range ids {
		e.Records = append(e.Records, events.SQSMessage{
			MessageId: id, Body: id, ReceiptHandle: "handle-" + id, EventSource: "aws:sqs",
			EventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:jobs", Attributes: map[string]string{"ApproximateReceiveCount": "1"},
		})
	}
	return e
}

// named returns the identifiers of a response.
func named(r events.SQSEventResponse) (ids []string) {
	for _, f := range r.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return ids
}

// A handler that pays its context no attention does not hold the response up, and what it
// returns later changes nothing. What is done is done, and what has not begun goes back.
func TestDeadline(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newQueue(t, "jobs", "dead")
		send(t, q, "jobs", "1 quick", "2 stubborn", "3 never begun")
		began := time.Now()
		var late atomic.Bool
		var kinds []string
		h := worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			switch m.Body[0] {
			case '1':
				time.Sleep(5 * time.Second)
				return nil
			case '2':
				time.Sleep(time.Hour)
				late.Store(true)
				return worker.DeadLetter(errLost)
			}
			t.Errorf("%q has begun", m.Body)
			return nil
		})
		p := &mapping{t: t, q: q, queue: "jobs", limit: 20 * time.Second, fn: onlambda.Handler(h, func(o *onlambda.Options) {
			o.Client, o.DeadLetterQueue, o.Concurrency = q, "dead", 1
			o.Hook = func(_ context.Context, e worker.Event) {
				if e.Kind != worker.EventRequest {
					kinds = append(kinds, string(e.Kind)+" "+e.Message.ID[:0]+string(e.Outcome))
				}
			}
		})}
		p.invoke()
		if want := 19 * time.Second; p.took != want {
			t.Errorf("the response took %v, want %v", p.took, want)
		}
		compare(t, future(t, q, "jobs", "dead", began.Add(19*time.Second)), []string{
			"0s: 1+1 dead 0+0", "11s: 2+0 dead 0+0", "2 stubborn#2", "3 never begun#2",
		})
		if !late.Load() {
			t.Error("the handler has not returned yet")
		}
		if want := []string{"handled done", "abandoned ", "released "}; !slices.Equal(kinds, want) {
			t.Errorf("the hook was told %q, want %q", kinds, want)
		}
	})
}

// Requests that hang do not hold the response up either.
func TestDeadlineOfRequests(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newQueue(t, "jobs")
		send(t, q, "jobs", "b!")
		var told []error
		p := &mapping{t: t, q: q, queue: "jobs", limit: 20 * time.Second, fn: onlambda.Handler(fails(errLost)(), func(o *onlambda.Options) {
			o.Client = hanging{q}
			o.Hook = func(_ context.Context, e worker.Event) {
				if e.Kind == worker.EventUnsettled {
					told = append(told, e.Err)
				}
			}
		})}
		p.invoke()
		if want := 19*time.Second + 500*time.Millisecond; p.took != want || len(told) != 1 || string(p.response) == `{"batchItemFailures":[]}` {
			t.Errorf("the response %s took %v, want %v; unsettled %v", p.response, p.took, want, told)
		}
	})
}

// hanging is a client that does not answer changes of visibility.
type hanging struct{ *localqueue.Server }

func (hanging) ChangeMessageVisibilityBatch(ctx context.Context, _ *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestMargin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ limit, margin, want time.Duration }{
		{3 * time.Second, 0, 2500 * time.Millisecond},
		{30 * time.Second, 0, 27 * time.Second},
		{15 * time.Minute, 0, 15*time.Minute - 5*time.Second},
		{600 * time.Millisecond, 0, 300 * time.Millisecond},
		{15 * time.Minute, time.Minute, 14 * time.Minute},
		{6 * time.Second, 10 * time.Second, 3 * time.Second},
	} {
		t.Run(c.limit.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(context.Background(), c.limit)
				defer cancel()
				start := time.Now()
				h := worker.HandlerFunc(func(ctx context.Context, _ *worker.Message) error {
					if at, ok := ctx.Deadline(); !ok || at.Sub(start) != c.want {
						t.Errorf("the deadline is %v from the start, want %v", at.Sub(start), c.want)
					}
					<-ctx.Done()
					if got := time.Since(start); got != c.want || context.Cause(ctx) != worker.ErrDraining {
						t.Errorf("cancelled after %v, because of %v; want %v", got, context.Cause(ctx), c.want)
					}
					return nil
				})
				r, err := onlambda.Handler(h, func(o *onlambda.Options) { o.Margin = c.margin })(ctx, event("1"))
				if err != nil || len(r.BatchItemFailures) != 0 || time.Since(start) != c.want {
					t.Errorf("the response is %v, %v after %v", r, err, time.Since(start))
				}
			})
		})
	}
}

func TestNoDeadline(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := worker.HandlerFunc(func(ctx context.Context, _ *worker.Message) error {
			if _, ok := ctx.Deadline(); ok {
				t.Error("there is a deadline")
			}
			time.Sleep(24 * time.Hour)
			return ctx.Err()
		})
		r, err := onlambda.Handler(h)(context.Background(), event("1"))
		if err != nil || len(r.BatchItemFailures) != 0 {
			t.Errorf("the response is %v, %v", r, err)
		}
	})
}

// A context that ends without a deadline ends the batch too.
func TestCancelledInvocation(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		start := time.Now()
		time.AfterFunc(time.Minute, cancel)
		var outcome worker.Outcome
		h := worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			if m.Body == "2" {
				time.Sleep(2 * time.Minute)
			}
			<-ctx.Done()
			return ctx.Err()
		})
		a := &asked{}
		r, err := onlambda.Handler(h, func(o *onlambda.Options) {
			o.Client, o.Margin = a, 4*time.Second
			o.Hook = func(_ context.Context, e worker.Event) {
				if e.Kind == worker.EventHandled {
					outcome = e.Outcome
				}
			}
		})(ctx, event("1", "2"))
		if took := time.Since(start); err != nil || !slices.Equal(named(r), []string{"1", "2"}) || took != 62*time.Second || outcome != worker.Released {
			t.Errorf("%v and %v after %v, the first %v", r, err, took, outcome)
		}
		if len(a.requests) != 3 || a.requests[2] != "change 1=0" {
			t.Errorf("asked %q, want that the first is visible at once", a.requests)
		}
		time.Sleep(time.Hour)
	})
}

// When time is up and a handler returns, no other takes its place.
func TestNothingBeginsWhenTimeIsUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		var begun []string
		h := worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			begun = append(begun, m.ID)
			<-ctx.Done()
			return nil
		})
		r, err := onlambda.Handler(h, func(o *onlambda.Options) { o.Concurrency = 1 })(ctx, event("1", "2", "3"))
		if err != nil || !slices.Equal(begun, []string{"1"}) || !slices.Equal(named(r), []string{"2", "3"}) {
			t.Errorf("%v, %v; begun %v", r, err, begun)
		}
	})
}

// An invocation that comes too late begins nothing.
func TestNoTimeLeft(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		h := worker.HandlerFunc(func(context.Context, *worker.Message) error { t.Error("it was begun"); return nil })
		r, err := onlambda.Handler(h)(ctx, event("1", "2"))
		if err != nil || !slices.Equal(named(r), []string{"1", "2"}) {
			t.Errorf("%v, %v", r, err)
		}
	})
}
