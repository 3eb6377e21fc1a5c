package onlambda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// Client is the part of SQS that is used; *sqs.Client and *localqueue.Server have it.
type Client = worker.HostClient

// Options are what Handler's functions may change.
type Options struct {
	// Client, if not nil, is asked to change visibility timeouts and to send copies to the
	// dead-letter queue. The package's documentation says what is lost without it.
	Client Client

	// QueueURL is where messages come from. Default: the queue that a record's
	// eventSourceARN names, as GetQueueUrl finds it, or, if that is denied, at the address
	// that it has at AWS.
	QueueURL string

	// DeadLetterQueue, by name or URL, is where copies go. Default: the queue in the queue's
	// redrive policy.
	DeadLetterQueue string

	// Concurrency is how many messages of an invocation are handled at once. A
	// [worker.Batch] gathers no more than that. Default, and meaning of 0:
	// DefaultConcurrency.
	Concurrency int

	// OtherGroups has a failure on a FIFO queue end its own message group alone, and not the
	// whole batch.
	OtherGroups bool

	// Margin is how long before the invocation's deadline the batch ends. A quarter of it is
	// left for the response, and half of it for handlers to return. Default, and meaning of
	// 0: a tenth of the time that there is, at least 500 ms and at most 5 s. It is never more
	// than half of that time.
	Margin time.Duration

	// Policy is what every message's Policy starts as. DeleteWithin has no meaning here.
	Policy worker.Policy

	// Hook, if not nil, is told of handlers that have returned, of requests, and of messages
	// that are released or abandoned, or whose change of visibility SQS did not take, as by
	// worker.Options.Hook. Events have no Worker. See [Observe].
	Hook func(ctx context.Context, e worker.Event)
}

// DefaultConcurrency is Options.Concurrency unless set otherwise: the batch size of a
// trigger unless set otherwise, so that no message of such a batch waits for another, and
// what a worker has at least.
const DefaultConcurrency = 10

// Observe is an option that adds the hooks which options for worker.New set, such as those
// of middleware: Observe(trace.Worker, metrics.Worker). Nothing else of what they set counts.
func Observe(opts ...func(*worker.Options)) func(*Options) {
	return func(o *Options) {
		w := worker.Options{Hook: o.Hook}
		for _, f := range opts {
			if f != nil {
				f(&w)
			}
		}
		o.Hook = w.Hook
	}
}

func newOptions(opts []func(*Options)) (o Options, err error) {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("onlambda: "+format, args...)) }
	for _, f := range opts {
		if f == nil {
			bad("an option is nil")
			continue
		}
		f(&o)
	}
	if v := reflect.ValueOf(o.Client); o.Client != nil && v.Kind() == reflect.Pointer && v.IsNil() {
		bad("Options.Client is a nil pointer")
	}
	if o.QueueURL != "" && !strings.Contains(o.QueueURL, "://") {
		bad("Options.QueueURL is %q, want a URL", o.QueueURL)
	}
	if o.Concurrency < 0 {
		bad("Options.Concurrency is %d, want 0 or more", o.Concurrency)
	}
	if o.Margin < 0 {
		bad("Options.Margin is %v, want 0 or more", o.Margin)
	}
	o.Concurrency = cmp.Or(o.Concurrency, DefaultConcurrency)
	return o, errors.Join(errs...)
}
