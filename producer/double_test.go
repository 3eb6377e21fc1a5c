package producer_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/producer"
)

type send = func(context.Context, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error)
type look = func(context.Context) (*sqs.GetQueueUrlOutput, error)

// double is a client of two functions; nil ones succeed at once.
type double struct {
	send send
	look look
}

func (d double) GetQueueUrl(ctx context.Context, _ *sqs.GetQueueUrlInput, _ ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	if d.look != nil {
		return d.look(ctx)
	}
	return &sqs.GetQueueUrlOutput{QueueUrl: new(byURL)}, nil
}

func (d double) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	if d.send != nil {
		return d.send(ctx, in)
	}
	return taken(in), nil
}

// doer is an SDK client's HTTP client.
type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

func (d doer) client() *sqs.Client {
	creds := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "SECRET"}, nil
	})
	return sqs.New(sqs.Options{Region: "eu-west-1", Credentials: creds, HTTPClient: d})
}

// says is an HTTP response; fields are names and values of its header.
func says(r *http.Request, status int, body string, fields ...string) *http.Response {
	header := http.Header{"Content-Type": {"application/x-amz-json-1.0"}}
	for i := 0; i < len(fields); i += 2 {
		header.Set(fields[i], fields[i+1])
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r, ContentLength: int64(len(body))}
}

func has(in *sqs.SendMessageBatchInput, body string) bool {
	for _, e := range in.Entries {
		if *e.MessageBody == body {
			return true
		}
	}
	return false
}

// api is a refusal by SQS with a code.
func api(code string) error { return &smithy.GenericAPIError{Code: code} }

var errReset = errors.New("read: connection reset by peer")

func quick(o *producer.Options) { o.Linger = time.Millisecond }

// sendWithin sends and fails the test if that takes longer than limit.
func sendWithin(t *testing.T, limit time.Duration, p *producer.Producer, ms ...producer.Message) []producer.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	rs, err := p.SendAll(ctx, ms...)
	if ctx.Err() != nil {
		t.Errorf("SendAll is not over after %v: %v", limit, err)
	}
	return rs
}
