package worker_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

// timed is a fake that writes down what it was asked when, whose changes of
// visibility may take their time, and whose queue can have more settings and a
// dead-letter queue.
type timed struct {
	*fake
	began    time.Time
	settings map[string]string                         // beside the visibility timeout
	takes    func(ask) time.Duration                   // how long a change takes; nil: no time
	onSend   func(ctx context.Context, call int) error // nil: the message is taken

	mu       sync.Mutex
	asks     []ask
	waits    []int32  // WaitTimeSeconds of each receive
	attempts []string // ReceiveRequestAttemptId of each receive
	sent     []*sqs.SendMessageInput
}

// ask is an entry of a change of visibility.
type ask struct {
	at      time.Duration
	handle  string
	seconds int32
	of      int // entries in its request
}

// newTimed puts what is to come with the first reply. Its clock begins now.
func newTimed(ms ...types.Message) *timed {
	f := &timed{fake: newFake(), began: time.Now()}
	if len(ms) > 0 {
		f.put(ms...)
	}
	return f
}

// redrives gives the queue a redrive policy.
func (f *timed) redrives(maxReceives string) *timed {
	f.settings = map[string]string{
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:1:dead.fifo","maxReceiveCount":` + maxReceives + `}`,
	}
	return f
}

func (f *timed) GetQueueAttributes(ctx context.Context, in *sqs.GetQueueAttributesInput, o ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	out, err := f.fake.GetQueueAttributes(ctx, in, o...)
	for name, value := range f.settings {
		out.Attributes[name] = value
	}
	return out, err
}

func (f *timed) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	f.mu.Lock()
	f.waits = append(f.waits, in.WaitTimeSeconds)
	if in.ReceiveRequestAttemptId != nil {
		f.attempts = append(f.attempts, *in.ReceiveRequestAttemptId)
	}
	f.mu.Unlock()
	return f.fake.ReceiveMessage(ctx, in, o...)
}

func (f *timed) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, o ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	f.mu.Lock()
	var a ask
	for _, e := range in.Entries {
		a = ask{time.Since(f.began), *e.ReceiptHandle, e.VisibilityTimeout, len(in.Entries)}
		f.asks = append(f.asks, a)
	}
	f.mu.Unlock()
	if f.takes != nil {
		if err := wait(ctx, f.takes(a)); err != nil {
			return nil, err
		}
	}
	return f.fake.ChangeMessageVisibilityBatch(ctx, in, o...)
}

func (f *timed) SendMessage(ctx context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	f.mu.Lock()
	kept := *in
	kept.MessageAttributes = map[string]types.MessageAttributeValue{} // the worker may take one out later
	for name, value := range in.MessageAttributes {
		kept.MessageAttributes[name] = value
	}
	f.sent = append(f.sent, &kept)
	n := len(f.sent)
	f.mu.Unlock()
	if f.onSend != nil {
		if err := f.onSend(ctx, n); err != nil {
			return nil, err
		}
	}
	return &sqs.SendMessageOutput{MessageId: new("copy")}, nil
}

// askedFor returns the changes of visibility asked for so far.
func (f *timed) askedFor() []ask {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asks)
}

// copies returns what was sent to the dead-letter queue so far.
func (f *timed) copies() []*sqs.SendMessageInput {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.sent)
}

// polls returns what receives have asked for so far.
func (f *timed) polls() (waits []int32, attempts []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.waits), slices.Clone(f.attempts)
}

// extensions returns those that extend by the queue's own visibility timeout of
// 60 s.
func (f *timed) extensions() (as []ask) {
	for _, a := range f.askedFor() {
		if a.seconds == 60 {
			as = append(as, a)
		}
	}
	return as
}

// wantAsks fails the test unless exactly these changes were asked for, in any order
// among those of one time.
func (f *timed) wantAsks(t *testing.T, want ...ask) {
	t.Helper()
	got := f.askedFor()
	order := func(a, b ask) int {
		if a.at != b.at {
			return int(a.at - b.at)
		}
		return slices.Compare([]byte(a.handle), []byte(b.handle))
	}
	slices.SortStableFunc(got, order)
	slices.SortStableFunc(want, order)
	if !slices.Equal(got, want) {
		t.Errorf("visibility changes (when, handle, seconds, entries in the request)\n%v, want\n%v", got, want)
	}
}

// taken answers a change of visibility: all entries are taken but those whose handle
// failed returns an error for.
func taken(in *sqs.ChangeMessageVisibilityBatchInput, failed func(handle string) *types.BatchResultErrorEntry) *sqs.ChangeMessageVisibilityBatchOutput {
	out := &sqs.ChangeMessageVisibilityBatchOutput{}
	for _, e := range in.Entries {
		if f := failed(*e.ReceiptHandle); f != nil {
			f.Id = e.Id
			out.Failed = append(out.Failed, *f)
			continue
		}
		out.Successful = append(out.Successful, types.ChangeMessageVisibilityBatchResultEntry{Id: e.Id})
	}
	return out
}

// busy returns a handler that takes d, however its context fares.
func busyFor(d time.Duration) worker.HandlerFunc {
	return func(context.Context, *worker.Message) error {
		time.Sleep(d)
		return nil
	}
}

// ended is how a handler was told to stop.
type ended struct {
	after time.Duration // since its start
	cause error
}

// untilEnded returns a handler that waits for the end of its context, says so, and
// returns err.
func untilEnded(err error) (worker.HandlerFunc, chan ended) {
	ends := make(chan ended, 10)
	return func(ctx context.Context, _ *worker.Message) error {
		start := time.Now()
		<-ctx.Done()
		ends <- ended{time.Since(start), context.Cause(ctx)}
		return err
	}, ends
}
