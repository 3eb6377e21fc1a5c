package attr_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/quayside-go/quayside/internal/attr"
)

func TestTypeIsALegalAttributeName(t *testing.T) {
	t.Parallel()
	for _, r := range attr.Type {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-", r) {
			t.Errorf("%q holds %q, which SQS refuses", attr.Type, r)
		}
	}
	lower := strings.ToLower(attr.Type)
	if strings.HasPrefix(lower, "aws.") || strings.HasPrefix(lower, "amazon.") || strings.Contains(lower, "..") {
		t.Errorf("%q is reserved or malformed", attr.Type)
	}
}

func TestQueueName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"orders": "orders",
		"https://sqs.eu-west-1.amazonaws.com/123456789012/orders": "orders",
		"http://localhost:9324/000000000000/jobs.fifo/":           "jobs.fifo",
	} {
		if got := attr.QueueName(in); got != want {
			t.Errorf("QueueName(%q) = %q, want %q", in, got, want)
		}
	}
	if attr.IsFIFO("orders") || !attr.IsFIFO("http://localhost/1/jobs.fifo") {
		t.Error("IsFIFO is not true of names that end in .fifo alone")
	}
}

type client struct {
	options sqs.Options
	out     *sqs.GetQueueUrlOutput
	asked   int
}

func (c *client) Options() sqs.Options { return c.options }

func (c *client) GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	c.asked++
	return c.out, nil
}

func TestResolve(t *testing.T) {
	t.Parallel()
	c := &client{out: &sqs.GetQueueUrlOutput{QueueUrl: new("http://a/1/orders")}}
	got, asked, err := attr.Resolve(t.Context(), c, "orders")
	if got != "http://a/1/orders" || !asked || err != nil {
		t.Errorf("Resolve(name) = %q, %v, %v", got, asked, err)
	}
	got, asked, err = attr.Resolve(t.Context(), c, "http://b/1/orders")
	if got != "http://b/1/orders" || asked || err != nil || c.asked != 1 {
		t.Errorf("Resolve(URL) = %q, %v, %v after %d requests, want it as it is without a second request", got, asked, err, c.asked)
	}
	c.out = nil
	if _, _, err := attr.Resolve(t.Context(), c, "orders"); err == nil {
		t.Error("Resolve with an empty reply gives no error")
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	missing := &types.QueueDoesNotExist{}
	at, _ := url.Parse("https://sqs.eu-west-1.amazonaws.com/path")
	answered := &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{Request: &http.Request{URL: at}}},
		Err:      missing,
	}
	for _, test := range []struct {
		client any
		err    error
		want   string
	}{
		{struct{}{}, missing, `there is no queue "q": `},
		{&client{options: sqs.Options{Region: "eu-west-1"}}, missing, `"q" in region eu-west-1: `},
		{
			&client{options: sqs.Options{Region: "r", BaseEndpoint: new("http://localhost:1")}}, missing,
			`"q" in region r at endpoint http://localhost:1: `,
		},
		{
			&client{options: sqs.Options{Region: "r", BaseEndpoint: new("http://localhost:1")}}, fmt.Errorf("op: %w", answered),
			`"q" in region r at endpoint https://sqs.eu-west-1.amazonaws.com: `,
		},
	} {
		err := attr.Explain(test.client, "q", test.err)
		if !strings.Contains(err.Error(), test.want) || !errors.As(err, new(*types.QueueDoesNotExist)) {
			t.Errorf("Explain = %v, want it to contain %q and to wrap QueueDoesNotExist", err, test.want)
		}
	}
	if other := errors.New("other"); attr.Explain(nil, "q", other) != other {
		t.Error("Explain changes errors that are not about a missing queue")
	}
}

// The SDK's own client tells where it went, also if only its region is set.
func TestExplainWithTheSDKClient(t *testing.T) {
	t.Parallel()
	c := sqs.New(sqs.Options{
		Region:      "eu-west-1",
		Credentials: aws.AnonymousCredentials{},
		HTTPClient: doer(func(r *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: http.StatusBadRequest,
				Header: http.Header{
					"Content-Type":       {"application/x-amz-json-1.0"},
					"X-Amzn-Query-Error": {"AWS.SimpleQueueService.NonExistentQueue;Sender"},
				},
				Body:    io.NopCloser(strings.NewReader(`{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}`)),
				Request: r,
			}, nil
		}),
	})
	_, _, err := attr.Resolve(t.Context(), c, "orders")
	err = attr.Explain(c, "orders", err)
	want := `there is no queue "orders" in region eu-west-1 at endpoint https://sqs.eu-west-1.amazonaws.com: `
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Explain = %v, want it to begin with %s", err, want)
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }
