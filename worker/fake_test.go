package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/worker"
)

// fake is a scripted client: it hands out what a test has put into replies, one
// element per receive, and writes down what it is asked. It knows nothing of
// visibility; localqueue does.
type fake struct {
	replies chan reply

	// onDelete and onChange, if set, answer instead of "all entries taken".
	onDelete func(call int, in *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error)
	onChange func(call int, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error)
	// late is what a cancelled long poll returns all the same.
	late []types.Message
	// attributesErr and urlErr fail the calls at start.
	attributesErr, urlErr error
	visibility            string            // the queue's VisibilityTimeout
	attributes            map[string]string // all of its settings, if not nil

	mu       sync.Mutex
	asked    []int32    // MaxNumberOfMessages of each receive
	explicit int32      // VisibilityTimeout of the last receive
	deletes  [][]string // receipt handles, by request
	changes  [][]change
	events   []worker.Event
}

type reply struct {
	messages []types.Message
	err      error
}

type change struct {
	handle  string
	seconds int32
}

func newFake() *fake {
	return &fake{replies: make(chan reply, 1000), visibility: "60"}
}

// message makes a message whose receipt handle is its id and a number.
func message(id string, receive int, body string) types.Message {
	return types.Message{
		MessageId: &id, Body: &body, ReceiptHandle: new(handle(id, receive)),
		Attributes: map[string]string{
			"ApproximateReceiveCount": strconv.Itoa(receive),
			"SentTimestamp":           "946684800000",
		},
	}
}

func handle(id string, receive int) string { return fmt.Sprintf("%s#%d", id, receive) }

// grouped is message in a group of a FIFO queue.
func grouped(group, id string) types.Message {
	m := message(id, 1, id)
	m.Attributes["MessageGroupId"] = group
	return m
}

func (f *fake) put(ms ...types.Message) { f.replies <- reply{messages: ms} }

// numbered puts n messages, ten to a reply.
func (f *fake) numbered(n int) {
	for i := 0; i < n; i += 10 {
		var ms []types.Message
		for j := i; j < min(i+10, n); j++ {
			ms = append(ms, message(strconv.Itoa(j), 1, "x"))
		}
		f.put(ms...)
	}
}

func (f *fake) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	f.mu.Lock()
	f.asked = append(f.asked, in.MaxNumberOfMessages)
	f.explicit = in.VisibilityTimeout
	f.mu.Unlock()
	t := time.NewTimer(time.Duration(in.WaitTimeSeconds) * time.Second)
	defer t.Stop()
	select {
	case r := <-f.replies:
		if r.err != nil {
			return nil, r.err
		}
		return &sqs.ReceiveMessageOutput{Messages: r.messages}, nil
	case <-ctx.Done():
		if f.late != nil {
			return &sqs.ReceiveMessageOutput{Messages: f.late}, nil
		}
		return nil, ctx.Err()
	case <-t.C:
		return &sqs.ReceiveMessageOutput{}, nil
	}
}

func (f *fake) DeleteMessageBatch(_ context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	var handles []string
	out := &sqs.DeleteMessageBatchOutput{}
	for _, e := range in.Entries {
		handles = append(handles, *e.ReceiptHandle)
		out.Successful = append(out.Successful, types.DeleteMessageBatchResultEntry{Id: e.Id})
	}
	f.mu.Lock()
	f.deletes = append(f.deletes, handles)
	n := len(f.deletes)
	f.mu.Unlock()
	if f.onDelete != nil {
		return f.onDelete(n, in)
	}
	return out, nil
}

func (f *fake) ChangeMessageVisibilityBatch(_ context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	var changes []change
	out := &sqs.ChangeMessageVisibilityBatchOutput{}
	for _, e := range in.Entries {
		changes = append(changes, change{*e.ReceiptHandle, e.VisibilityTimeout})
		out.Successful = append(out.Successful, types.ChangeMessageVisibilityBatchResultEntry{Id: e.Id})
	}
	f.mu.Lock()
	f.changes = append(f.changes, changes)
	n := len(f.changes)
	f.mu.Unlock()
	if f.onChange != nil {
		return f.onChange(n, in)
	}
	return out, nil
}

func (f *fake) GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	if f.attributesErr != nil {
		return nil, f.attributesErr
	}
	if f.attributes != nil {
		return &sqs.GetQueueAttributesOutput{Attributes: f.attributes}, nil
	}
	return &sqs.GetQueueAttributesOutput{Attributes: map[string]string{"VisibilityTimeout": f.visibility}}, nil
}

func (f *fake) GetQueueUrl(_ context.Context, in *sqs.GetQueueUrlInput, _ ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	if f.urlErr != nil {
		return nil, f.urlErr
	}
	return &sqs.GetQueueUrlOutput{QueueUrl: new("https://sqs.example/1/" + *in.QueueName)}, nil
}

func (f *fake) SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	return nil, errors.New("SendMessage was called")
}

// record is the hook.
func (f *fake) record(_ context.Context, e worker.Event) {
	f.mu.Lock()
	f.events = append(f.events, e)
	f.mu.Unlock()
}

// of returns the recorded events of a kind.
func (f *fake) of(kind worker.EventKind) []worker.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	var es []worker.Event
	for _, e := range f.events {
		if e.Kind == kind {
			es = append(es, e)
		}
	}
	return es
}

// deleted returns all receipt handles deleted so far, sorted.
func (f *fake) deleted() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(slices.Values(slices.Concat(f.deletes...)))
}

// deleteRequests returns the receipt handles of each delete request so far.
func (f *fake) deleteRequests() [][]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.deletes)
}

func (f *fake) changed() []change {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Concat(f.changes...)
}

// running is a worker whose Run was started by start.
type running struct {
	t    *testing.T
	stop context.CancelFunc
	done chan struct{}
	err  error
}

// start runs a worker over c until the test stops it or ends.
func start(t *testing.T, c worker.Client, queue string, h worker.HandlerFunc, opts ...func(*worker.Options)) *running {
	t.Helper()
	_, r := startWorker(t, c, queue, h, opts...)
	return r
}

// startWorker is start for those who want the worker as well.
func startWorker(t *testing.T, c worker.Client, queue string, h worker.HandlerFunc, opts ...func(*worker.Options)) (*worker.Worker, *running) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &running{t: t, stop: stop, done: make(chan struct{})}
	w := worker.New(c, queue, h, opts...)
	go func() {
		defer close(r.done)
		r.err = w.Run(ctx)
	}()
	t.Cleanup(func() { stop(); <-r.done })
	return w, r
}

// drain stops the worker and returns what Run returned.
func (r *running) drain() error {
	r.stop()
	<-r.done
	return r.err
}

// clean drains and fails the test if Run returned an error.
func (r *running) clean() {
	r.t.Helper()
	if err := r.drain(); err != nil {
		r.t.Errorf("Run = %v, want nil after a clean drain", err)
	}
}

func hooked(f *fake) func(*worker.Options) {
	return func(o *worker.Options) { o.Hook = f.record }
}

func apiError(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "scripted", Fault: smithy.FaultServer}
}

var errLost = errors.New("connection reset by peer")
