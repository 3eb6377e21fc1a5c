package middleware_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
)

// dock is a server with queues, for workers in virtual time.
type dock struct {
	*localqueue.Server
	t *testing.T
}

func newDock(t *testing.T, specs ...string) *dock {
	t.Helper()
	q := localqueue.New()
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	q.MustCreate(specs...)
	return &dock{q, t}
}

func (d *dock) url(queue string) *string {
	d.t.Helper()
	out, err := d.GetQueueUrl(context.Background(), &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		d.t.Fatal(err)
	}
	return out.QueueUrl
}

// send sends a message; edit, if not nil, changes the request.
func (d *dock) send(queue, body string, edit func(*sqs.SendMessageInput)) {
	d.t.Helper()
	in := &sqs.SendMessageInput{QueueUrl: d.url(queue), MessageBody: &body}
	if edit != nil {
		edit(in)
	}
	if _, err := d.SendMessage(context.Background(), in); err != nil {
		d.t.Fatal(err)
	}
}

// work runs a worker until what it returns is called.
func (d *dock) work(queue string, h worker.Handler, opts ...func(*worker.Options)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- worker.New(d, queue, h, opts...).Run(ctx) }()
	return func() {
		d.t.Helper()
		cancel()
		if err := <-ended; err != nil {
			d.t.Errorf("Run = %v", err)
		}
	}
}

// receive takes one message of a queue.
func (d *dock) receive(queue string) (types.Message, bool) {
	d.t.Helper()
	out, err := d.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
		QueueUrl: d.url(queue), MessageAttributeNames: []string{"All"},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	if len(out.Messages) == 0 {
		return types.Message{}, false
	}
	return out.Messages[0], true
}

// empty fails the test if a queue holds anything.
func (d *dock) empty(queue string) {
	d.t.Helper()
	out, err := d.GetQueueAttributes(context.Background(), &sqs.GetQueueAttributesInput{
		QueueUrl: d.url(queue), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	visible, flying := out.Attributes["ApproximateNumberOfMessages"], out.Attributes["ApproximateNumberOfMessagesNotVisible"]
	if visible != "0" || flying != "0" {
		d.t.Errorf("%s holds %s visible messages and %s in flight, want none", queue, visible, flying)
	}
}

// pass lets d pass and everything that is due then happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// handled calls h as a worker does, whose handlers may panic.
func handled(ctx context.Context, h worker.Handler, m *worker.Message) (panicked any, err error) {
	defer func() { panicked = recover() }()
	return nil, h.Handle(ctx, m)
}

// noCall fails the test if it is called.
func noCall(t *testing.T) worker.Handler {
	return worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		t.Errorf("the handler was called with %q", m.Body)
		return nil
	})
}

type attributes = map[string]types.MessageAttributeValue

// text is an attribute of type String.
func text(s string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: new("String"), StringValue: &s}
}
