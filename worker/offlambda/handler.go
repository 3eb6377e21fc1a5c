package offlambda

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/quayside-go/quayside/internal/sqsevent"
	"github.com/quayside-go/quayside/worker"
)

// Options are what Handler's functions may change.
type Options struct {
	// BatchSize is how many messages an event may have, and Window how long the first of
	// them waits for others: what a trigger calls BatchSize and
	// MaximumBatchingWindowInSeconds. They mean what [worker.Gather] says: without a Window
	// nothing waits, and the worker's Concurrency must be several times BatchSize. Defaults:
	// 1, also for 0, and 0.
	BatchSize int
	Window    time.Duration

	// IgnoreResponse is for functions whose triggers lack ReportBatchItemFailures: whatever
	// they return without an error, all messages are done.
	IgnoreResponse bool

	// Timeout, if not 0, gives each call's context a deadline.
	Timeout time.Duration

	// QueueARN is the eventSourceARN of records. Default: made from the queue's URL, with the
	// region us-east-1 if that tells none.
	QueueARN string
}

// ErrReported is the failure of a message that the function has named in batchItemFailures.
var ErrReported = errors.New("offlambda: the function has named the message in batchItemFailures")

// Handler makes a Handler of fn, a function or lambda.Handler as lambda.Start takes it. What is
// wrong with it, or with the options, [worker.Worker.Run] reports.
func Handler(fn any, opts ...func(*Options)) worker.Handler {
	var o Options
	var errs []error
	for _, f := range opts {
		if f == nil {
			errs = append(errs, errors.New("offlambda: an option is nil"))
			continue
		}
		f(&o)
	}
	o.BatchSize = cmp.Or(o.BatchSize, 1)
	if o.BatchSize < 0 {
		errs = append(errs, fmt.Errorf("offlambda: Options.BatchSize is %d, want 0 or more", o.BatchSize))
	}
	if o.Window < 0 {
		errs = append(errs, fmt.Errorf("offlambda: Options.Window is %v, want 0 or more", o.Window))
	}
	if o.Timeout < 0 {
		errs = append(errs, fmt.Errorf("offlambda: Options.Timeout is %v, want 0 or more", o.Timeout))
	}
	if err := signature(fn); err != nil {
		errs = append(errs, fmt.Errorf("offlambda: %w", err))
	}
	if err := errors.Join(errs...); err != nil {
		return worker.Misused(err)
	}
	f := &function{invoke: invoker(fn), opts: o}
	return worker.Gather(o.BatchSize, o.Window, f.handle)
}

type function struct {
	invoke func(context.Context, []byte) ([]byte, error)
	opts   Options
}

// handle calls the function with an event of ms, and returns what became of each.
func (f *function) handle(ctx context.Context, ms []*worker.Message) []error {
	event, ids, err := f.event(ms)
	if err != nil {
		return all(len(ms), err)
	}
	if f.opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.opts.Timeout)
		defer cancel()
	}
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: requestID()})
	response, err := f.invoke(ctx, event)
	if err != nil {
		return all(len(ms), err)
	}
	if f.opts.IgnoreResponse {
		return nil
	}
	return outcomes(response, ids)
}

// outcomes returns what a function's response means for the messages of its event, which have
// these identifiers.
func outcomes(response []byte, ids []string) []error {
	failed, err := sqsevent.Failures(response, ids)
	if err != nil {
		return all(len(ids), fmt.Errorf("offlambda: %w", err))
	}
	errs := make([]error, len(ids))
	for i, id := range ids {
		if failed[id] {
			errs[i] = ErrReported
		}
	}
	return errs
}

// requestID returns a random UUID, as Lambda's requests have.
func requestID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// all returns err for each of n messages.
func all(n int, err error) []error {
	errs := make([]error, n)
	for i := range errs {
		errs[i] = err
	}
	return errs
}
