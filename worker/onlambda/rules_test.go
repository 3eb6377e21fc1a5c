package onlambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
	"github.com/quayside-go/quayside/worker/onlambda"
)

var (
	_ onlambda.Client = (*sqs.Client)(nil)
	_ onlambda.Client = (*localqueue.Server)(nil)
)

// asked is a client that takes every change, and writes down requests.
type asked struct {
	mu       sync.Mutex
	requests []string
}

func (a *asked) note(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests = append(a.requests, fmt.Sprintf(format, args...))
}

func (a *asked) ChangeMessageVisibilityBatch(_ context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	out := &sqs.ChangeMessageVisibilityBatchOutput{}
	var changes []string
	for _, e := range in.Entries {
		changes = append(changes, fmt.Sprint(strings.TrimPrefix(*e.ReceiptHandle, "handle-"), "=", e.VisibilityTimeout))
		out.Successful = append(out.Successful, types.ChangeMessageVisibilityBatchResultEntry{Id: e.Id})
	}
	a.note("change %s", strings.Join(changes, " "))
	return out, nil
}

func (a *asked) GetQueueAttributes(_ context.Context, in *sqs.GetQueueAttributesInput, _ ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	a.note("settings of %s", *in.QueueUrl)
	return &sqs.GetQueueAttributesOutput{Attributes: map[string]string{"VisibilityTimeout": "600"}}, nil
}

func (a *asked) GetQueueUrl(_ context.Context, in *sqs.GetQueueUrlInput, _ ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	owner := "nobody"
	if in.QueueOwnerAWSAccountId != nil {
		owner = *in.QueueOwnerAWSAccountId
	}
	a.note("URL of %s of %s", *in.QueueName, owner)
	return &sqs.GetQueueUrlOutput{QueueUrl: new("http://found/" + *in.QueueName)}, nil
}

func (a *asked) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	a.note("send %s to %s", *in.MessageBody, *in.QueueUrl)
	return &sqs.SendMessageOutput{}, nil
}

// by returns a handler that has each body meet an end of its own.
func by(ends map[string]error) worker.HandlerFunc {
	return func(_ context.Context, m *worker.Message) error { return ends[m.Body] }
}

// The queue is looked up once, by name and account, when something is first asked of SQS.
func TestLookUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := &asked{}
		f := onlambda.Handler(by(map[string]error{"1": worker.RetryAfter(90*time.Second, nil)}), func(o *onlambda.Options) { o.Client = a })
		f(context.Background(), event("2", "3"))
		if len(a.requests) != 0 {
			t.Errorf("asked %q although all were done", a.requests)
		}
		f(context.Background(), event("1", "2"))
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { f(context.Background(), event("1")) })
		}
		both.Wait()
		if want := []string{"URL of jobs of 123456789012", "settings of http://found/jobs", "change 1=90", "change 1=90", "change 1=90"}; !slices.Equal(a.requests, want) {
			t.Errorf("asked %q, want %q", a.requests, want)
		}
	})
}

func TestQueueURL(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := &asked{}
		var urls []string
		h := worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
			urls = append(urls, m.Queue+" "+m.QueueURL())
			return worker.RetryAfter(time.Minute, nil)
		})
		given := func(o *onlambda.Options) { o.Client, o.QueueURL = a, "http://proxy/1/tasks" }
		for arn, opt := range map[string]func(*onlambda.Options){
			"":                                 given,
			"arn:aws:sqs:eu-west-1:1:jobs":     given,
			"arn:aws-cn:sqs:cn-north-1:1:jobs": func(*onlambda.Options) {},
			"arn:aws-us-gov:sqs:us-gov-1:1:ab": func(*onlambda.Options) {},
		} {
			e := event("1")
			e.Records[0].EventSourceARN = arn
			if _, err := onlambda.Handler(h, opt)(context.Background(), e); err != nil {
				t.Error(err)
			}
		}
		slices.Sort(urls)
		want := []string{
			"ab https://sqs.us-gov-1.amazonaws.com/1/ab", "jobs https://sqs.cn-north-1.amazonaws.com.cn/1/jobs",
			"tasks http://proxy/1/tasks", "tasks http://proxy/1/tasks",
		}
		if !slices.Equal(urls, want) || !slices.Equal(a.requests, slices.Repeat([]string{"settings of http://proxy/1/tasks", "change 1=60"}, 2)) {
			t.Errorf("messages came from %q, want %q; asked %q", urls, want, a.requests)
		}
	})
}

// A message that is in the event twice is handled once and named once, and both receipts
// are asked for.
// A handler that changes its message's ID does not change the response.
// Other fields may be missing: what there is is handled, and a failure is named.
// What is wrong with the set-up fails every invocation, with a reason, and nothing panics.
// A worker.Batch fills up to Concurrency, and no more run at once.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ set, want int }{{0, 10}, {3, 3}, {40, 25}} {
		t.Run(fmt.Sprint(c.set), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var sizes []int
				h := worker.Gather(100, time.Second, func(_ context.Context, ms []*worker.Message) []error {
					sizes = append(sizes, len(ms))
					return nil
				})
				var ids []string
				for i := range 25 {
					ids = append(ids, fmt.Sprint(i))
				}
				r, err := onlambda.Handler(h, func(o *onlambda.Options) { o.Concurrency = c.set })(context.Background(), event(ids...))
				if err != nil || len(r.BatchItemFailures) != 0 || sizes[0] != c.want {
					t.Errorf("%v, %v; batches of %v, want %d in the first", r, err, sizes, c.want)
				}
			})
		})
	}
}

// The messages of a group are handled in order, and what has not begun is given back from
// the last, before the failed one. Those of a fair queue are not: they have a group too.
func TestOrder(t *testing.T) {
	t.Parallel()
	for queue, want := range map[string]string{
		"jobs.fifo": "a1 b1 a2! change [a4=0 a3=0 a2!=59 b3=0 b2=0]",
		"jobs":      "a1 a2! a3 a4 b1 b2 b3 change [a2!=58]",
	} {
		t.Run(queue, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := &asked{}
				e := event("a1", "a2!", "b1", "a3", "b2", "a4", "b3")
				for i := range e.Records {
					e.Records[i].EventSourceARN = "arn:aws:sqs:eu-west-1:1:" + queue
					e.Records[i].Attributes = map[string]string{"ApproximateReceiveCount": "1", "MessageGroupId": e.Records[i].Body[:1]}
				}
				var mu sync.Mutex
				var got []string
				running := make(map[string]int)
				h := worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
					mu.Lock()
					got = append(got, m.Body)
					running[m.Group]++
					if running[m.Group] > 1 && queue == "jobs.fifo" {
						t.Errorf("two of group %s at once", m.Group)
					}
					mu.Unlock()
					if m.Group == "b" {
						time.Sleep(2 * time.Second) // b1 runs on when a2! fails
					}
					time.Sleep(time.Second)
					mu.Lock()
					running[m.Group]--
					mu.Unlock()
					if strings.HasSuffix(m.Body, "!") {
						return worker.RetryAfter(time.Minute, nil)
					}
					return nil
				})
				r, err := onlambda.Handler(h, func(o *onlambda.Options) { o.Client = a })(context.Background(), e)
				if queue == "jobs" {
					slices.Sort(got)
				} else {
					slices.Sort(got[:2])
				}
				changes := strings.TrimPrefix(strings.Join(a.requests[2:], " "), "change ")
				if line := strings.Join(got, " ") + " change [" + changes + "]"; err != nil {
					t.Error(err)
				} else if line != want {
					t.Errorf("%s\nwant\n%s", line, want)
				}
				wantNamed := []string{"a2!", "a3", "b2", "a4", "b3"}
				if queue == "jobs" {
					wantNamed = []string{"a2!"}
				}
				if !slices.Equal(named(r), wantNamed) {
					t.Errorf("named %v, want %v", named(r), wantNamed)
				}
			})
		})
	}
}

// A group that was begun goes on before another is begun.
func TestGroupsInTurn(t *testing.T) {
	t.Parallel()
	e := event("a1", "b1", "a2", "b2", "c1", "a3")
	for i := range e.Records {
		e.Records[i].EventSourceARN += ".fifo"
		e.Records[i].Attributes["MessageGroupId"] = e.Records[i].Body[:1]
	}
	var got []string
	onlambda.Handler(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		got = append(got, m.Body)
		return nil
	}), one)(t.Context(), e)
	if want := "a1 a2 a3 b1 b2 c1"; strings.Join(got, " ") != want {
		t.Errorf("handled %v, want %v", got, want)
	}
}

// What SQS does not take is told, and the message comes back when its visibility timeout ends.
func TestRefusedChange(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newQueue(t, "jobs")
		send(t, q, "jobs", "b!")
		if err := q.SetFaults(localqueue.Faults{Rules: []localqueue.Fault{{Kind: localqueue.PartialBatch, Action: "ChangeMessageVisibilityBatch", Rate: 1}}}); err != nil {
			t.Fatal(err)
		}
		began, unsettled := time.Now(), 0
		p := &mapping{t: t, q: q, queue: "jobs", limit: 10 * time.Second, fn: onlambda.Handler(fails(worker.RetryAfter(time.Second, nil))(), func(o *onlambda.Options) {
			o.Client = q
			o.Hook = func(_ context.Context, e worker.Event) {
				if e.Kind == worker.EventUnsettled {
					unsettled++
				}
			}
		})}
		p.invoke()
		compare(t, future(t, q, "jobs", "", began.Add(10*time.Second)), []string{"0s: 0+1", "20s: 1+0", "b!#2"})
		if unsettled != 1 {
			t.Errorf("%d unsettled, want 1", unsettled)
		}
	})
}

// Without a client all that failed comes back when its visibility timeout ends.
func TestWithoutAClient(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"RetryAfter": worker.RetryAfter(time.Second, nil), "Snooze": worker.Snooze(time.Minute),
		"DeadLetter": worker.DeadLetter(errLost), "another": errors.New("another"),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newQueue(t, "jobs", "dead")
				redrive(t, q, "jobs", "dead", 2)
				send(t, q, "jobs", "a", "b!")
				p := &mapping{t: t, q: q, queue: "jobs", fn: onlambda.Handler(fails(err)())}
				began := time.Now()
				p.invoke()
				compare(t, []string{counts(t, q, "jobs")}, []string{"0+1"})
				time.Sleep(30 * time.Second)
				if p.invoke() != 1 {
					t.Error("it is not back when its visibility timeout has ended")
				}
				compare(t, future(t, q, "jobs", "dead", began.Add(31*time.Second)), []string{"0s: 0+1 dead 0+0", "29s: 1+0 dead 0+0", "dead b!#3"})
			})
		})
	}
}

// A copy for the dead-letter queue has the attributes that SQS delivered, and not the empty
// lists that Lambda adds.
func TestResponseOfAllDone(t *testing.T) {
	t.Parallel()
	r, err := onlambda.Handler(by(nil))(t.Context(), event("1", "2"))
	if got, _ := json.Marshal(r); err != nil || string(got) != `{"batchItemFailures":[]}` {
		t.Errorf("%s, %v", got, err)
	}
}
