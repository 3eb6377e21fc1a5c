package killtest_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/sqshttp"
)

// worker is one client in one life of the server.
type worker struct {
	*run
	rng  *rand.Rand
	life *lifetime
	sqs  *sqs.Client
	base string // of QueueUrls
}

// callTimeout is far beyond what any call takes; a server that does not answer within
// it is at fault.
const callTimeout = 30 * time.Second

// newClient is an SDK client that tries each request once.
func newClient(url string, http *sqshttp.Client) *sqs.Client {
	return sqs.New(sqs.Options{
		Region:       localqueue.DefaultRegion,
		BaseEndpoint: &url,
		HTTPClient:   http,
		Retryer:      aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: localqueue.DefaultAccount, SecretAccessKey: "secret"}, nil
		}),
	})
}

func (w *worker) url(name string) *string {
	return aws.String(w.base + "/" + localqueue.DefaultAccount + "/" + name)
}

// over reports whether the worker should stop.
func (w *worker) over() bool { return w.dying.Load() || w.resting.Load() }

// pause waits for a while, or until the worker should stop.
func (w *worker) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.struck:
	}
}

// ask makes one request; nil says that it was not answered well.
func ask[In, Out any](w *worker, o *op, f func(context.Context, *In, ...func(*sqs.Options)) (*Out, error), in *In) *Out {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	out, err := f(ctx, in)
	w.book.end(o, err, w.dying.Load())
	if err != nil {
		return nil
	}
	w.acked()
	return out
}

// unexpected accuses a refusal with a code that is not among those allowed.
func (w *worker) unexpected(o *op, what string, allowed ...string) {
	if o.fate == refused && !slices.Contains(allowed, o.code) {
		w.book.fault("%s was refused in life %d: %s", what, o.life.number, o)
	}
}

// begin is a request of this worker, about to be sent.
func (w *worker) begin() *op { return w.book.begin(w.life) }
