package main

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/sqshttp"
)

// newClient is an SDK client of the server at url, which signs its requests as for SQS. over is what sends
// them.
func newClient(url string, over sqs.HTTPClient) *sqs.Client {
	return sqs.New(sqs.Options{
		BaseEndpoint: &url,
		Region:       "us-east-1",
		HTTPClient:   over,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "secret"}, nil
		}),
	})
}

// near is an HTTP client without a delay.
func near() *sqshttp.Client { return sqshttp.New() }

// far is an HTTP client each of whose requests takes d longer.
func far(d time.Duration) *sqshttp.Client {
	return sqshttp.New(func(o *sqshttp.Options) { o.Transport = &delayed{o.Transport, d} })
}

// delayed is a transport to a server that is far away.
type delayed struct {
	http.RoundTripper
	by time.Duration
}

// RoundTrip waits and then sends r.
func (t *delayed) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := rest(r.Context(), t.by); err != nil {
		return nil, err
	}
	return t.RoundTripper.RoundTrip(r)
}

// rest waits for d, or until ctx is done and then returns its error.
func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
