package eventsource_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/eventsource"
	"github.com/quayside-go/quayside/localqueue"
)

// handler is what a fake function does with an event.
type handler func(ctx context.Context, e events.SQSEvent) ([]byte, error)

// fake is a function in this process, with as many environments as free has room for.
type fake struct {
	free   chan struct{}
	handle handler

	mu       sync.Mutex
	batches  [][]string // bodies of each invocation, in the order of their beginning
	running  int
	most     int
	payloads []int
}

func newFake(environments int, h handler) *fake {
	return &fake{free: make(chan struct{}, environments), handle: h}
}

func (f *fake) Acquire(ctx context.Context) (eventsource.Environment, error) {
	select {
	case f.free <- struct{}{}:
		return f, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (f *fake) Release() { <-f.free }

func (f *fake) Invoke(ctx context.Context, _ string, event []byte, _ time.Time) ([]byte, error) {
	var e events.SQSEvent
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.batches = append(f.batches, bodies(e))
	f.payloads = append(f.payloads, len(event))
	f.running++
	f.most = max(f.most, f.running)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.running--
	}()
	return f.handle(ctx, e)
}

// seen returns the bodies of each invocation.
func (f *fake) seen() [][]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.batches)
}

func bodies(e events.SQSEvent) (all []string) {
	for _, r := range e.Records {
		all = append(all, r.Body)
	}
	return all
}

// well is a handler that handles all.
func well(context.Context, events.SQSEvent) ([]byte, error) { return nil, nil }

// failing is a response that names these messages.
func failing(ids ...string) []byte {
	r := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, id := range ids {
		r.BatchItemFailures = append(r.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: id})
	}
	b, _ := json.Marshal(r)
	return b
}

// queue makes a server with one queue, whose visibility timeout is 30 s.
func queue(t *testing.T, name string, opts ...func(*localqueue.Options)) *localqueue.Server {
	t.Helper()
	q := localqueue.New(opts...)
	t.Cleanup(func() { q.Close() })
	q.MustCreate(name)
	return q
}

// open opens a mapping of the queue.
func open(t *testing.T, q eventsource.Client, name string, opts ...func(*eventsource.Options)) *eventsource.Mapping {
	t.Helper()
	m, err := eventsource.Open(t.Context(), q, name, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// run runs the mapping until stop is called, or the test ends.
func run(t *testing.T, m *eventsource.Mapping, f eventsource.Function) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx, f) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// send sends n messages, 1 and so on, to the queue; of the group, if that is not empty.
func send(t *testing.T, q *localqueue.Server, name, group string, n int) {
	t.Helper()
	for i := range n {
		sendBody(t, q, name, group, group+strconv.Itoa(i+1))
	}
}

func sendBody(t *testing.T, q *localqueue.Server, name, group, body string) {
	t.Helper()
	in := &sqs.SendMessageInput{QueueUrl: &name, MessageBody: &body}
	if group != "" {
		in.MessageGroupId = &group
		in.MessageDeduplicationId = aws.String(fmt.Sprintf("%s%.20q", group, body))
	}
	if _, err := q.SendMessage(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

// counts returns what is visible and in flight.
func counts(t *testing.T, q *localqueue.Server, name string) (visible, inFlight int) {
	t.Helper()
	for _, s := range q.Stats() {
		if s.Name == name {
			return s.Visible, s.InFlight
		}
	}
	t.Fatalf("there is no queue %s", name)
	return 0, 0
}

// wantCounts fails the test if the queue does not hold so many messages.
func wantCounts(t *testing.T, q *localqueue.Server, name string, visible, inFlight int) {
	t.Helper()
	if v, f := counts(t, q, name); v != visible || f != inFlight {
		t.Errorf("%s holds %d visible and %d in flight, want %d and %d", name, v, f, visible, inFlight)
	}
}

// set sets an attribute of the queue.
func set(t *testing.T, q *localqueue.Server, name string, attribute types.QueueAttributeName, value string) {
	t.Helper()
	if _, err := q.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
		QueueUrl: &name, Attributes: map[string]string{string(attribute): value},
	}); err != nil {
		t.Fatal(err)
	}
}
