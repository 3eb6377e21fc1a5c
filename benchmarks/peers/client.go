package main

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/sqshttp"
)

// newClient is an SDK client of the server at url, which signs its requests as for SQS. All peers are given one,
// and no two the same. over is what sends the requests.
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

// far is an HTTP client each of whose requests takes d longer.
func far(d time.Duration) *sqshttp.Client {
	return sqshttp.New(func(o *sqshttp.Options) {
		if d > 0 {
			o.Transport = &delayed{o.Transport, d / 2}
		}
	})
}

// delayed is a transport to a server that is far away: each way takes so long.
type delayed struct {
	http.RoundTripper
	by time.Duration
}

// RoundTrip delays r, and then its reply.
func (t *delayed) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := rest(r.Context(), t.by); err != nil {
		closeBody(r.Body)
		return nil, err
	}
	reply, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := rest(r.Context(), t.by); err != nil {
		closeBody(reply.Body)
		return nil, err
	}
	return reply, nil
}

// CloseIdleConnections closes those of the transport beneath.
func (t *delayed) CloseIdleConnections() {
	if c, ok := t.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func closeBody(b io.Closer) {
	if b != nil {
		_ = b.Close() // nothing was read of it, and nothing will be
	}
}

// rest waits for d, or until ctx is done and then returns its error.
func rest(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
