package attr

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// QueueName returns the name of a queue given by name or by URL, which is the
// last part of the URL's path.
func QueueName(queue string) string {
	if !IsURL(queue) {
		return queue
	}
	queue = strings.TrimRight(queue, "/")
	return queue[strings.LastIndexByte(queue, '/')+1:]
}

// IsFIFO reports whether a queue, given by name or by URL, is a FIFO queue. SQS
// demands that the names of FIFO queues, and only those, end in ".fifo".
func IsFIFO(queue string) bool { return strings.HasSuffix(QueueName(queue), ".fifo") }

// IsURL reports whether queue is a URL and not a name.
func IsURL(queue string) bool { return strings.Contains(queue, "://") }

// URLGetter is the one call that Resolve makes.
type URLGetter interface {
	GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
}

// Resolve returns the URL of a queue given by name. A string that contains
// "://" is a URL already and is returned as it is, without a request: asked is
// false then.
func Resolve(ctx context.Context, c URLGetter, queue string) (url string, asked bool, err error) {
	return ResolveOf(ctx, c, queue, "")
}

// ResolveOf is Resolve for a queue of another account, unless account is "".
func ResolveOf(ctx context.Context, c URLGetter, queue, account string) (url string, asked bool, err error) {
	if IsURL(queue) {
		return queue, false, nil
	}
	in := &sqs.GetQueueUrlInput{QueueName: &queue}
	if account != "" {
		in.QueueOwnerAWSAccountId = &account
	}
	out, err := c.GetQueueUrl(ctx, in)
	if err != nil {
		return "", true, err
	}
	if out == nil || out.QueueUrl == nil || *out.QueueUrl == "" {
		return "", true, errors.New("GetQueueUrl returned no URL")
	}
	return *out.QueueUrl, true, nil
}

// Explain adds to a missing queue's error which queue was looked for and where:
// region and endpoint, as far as the client or its error tells. Other errors
// are returned as they are.
func Explain(c any, queue string, err error) error {
	if !errors.As(err, new(*types.QueueDoesNotExist)) {
		return err
	}
	return fmt.Errorf("there is no queue %q%s: %w", queue, where(c, err), err)
}

// configured is what *sqs.Client has and a client of another kind need not have.
type configured interface{ Options() sqs.Options }

// where returns " in region R at endpoint E", or as much of it as is known.
func where(c any, err error) string {
	var region, endpoint string
	if c, ok := c.(configured); ok {
		o := c.Options()
		region = o.Region
		if o.BaseEndpoint != nil {
			endpoint = *o.BaseEndpoint
		}
	}
	// The address that answered is better than the one configured.
	var re *smithyhttp.ResponseError
	if errors.As(err, &re) && re.Response != nil && re.Response.Response != nil {
		if req := re.Response.Request; req != nil && req.URL != nil {
			endpoint = req.URL.Scheme + "://" + req.URL.Host
		}
	}
	var text string
	if region != "" {
		text += " in region " + region
	}
	if endpoint != "" {
		text += " at endpoint " + endpoint
	}
	return text
}
