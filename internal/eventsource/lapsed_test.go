package eventsource_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/internal/eventsource"
	"github.com/quayside-go/quayside/localqueue"
)

// TestLapsed has messages wait for an environment until their visibility timeout is over: they
// are not handed to the function, but when they are received again, and somebody is told.
func TestLapsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders") // visibility timeout 30 s
		var handled []string
		f := newFake(1, func(_ context.Context, e events.SQSEvent) ([]byte, error) {
			if len(handled) == 0 {
				time.Sleep(40 * time.Second)
			}
			for _, r := range e.Records {
				handled = append(handled, r.Body[:1]+r.Attributes["ApproximateReceiveCount"])
			}
			return nil, nil
		})
		for _, b := range "abcdefgh" {
			sendBody(t, q, "orders", "", string(b)+strings.Repeat(`"`, 1<<19)) // five fit
		}
		var told errorLog
		stop := run(t, open(t, q, "orders", func(o *eventsource.Options) { o.OnError = told.add }), f)
		time.Sleep(2 * time.Minute)
		stop()
		slices.Sort(handled)
		if got := strings.Join(handled, " "); got != "a1 b1 c1 d1 e1 f2 g2 h2" {
			t.Errorf("handled, at receives: %s", got)
		}
		wantCounts(t, q, "orders", 0, 0)
		told.want(t, "3 messages waited until their visibility timeout was over, or nearly, and were not handed to the function: they are delivered again")
	})
}

// denying refuses receives for good, or does not say where a queue is.
type denying struct {
	*localqueue.Server
	nowhere bool
}

func (d denying) GetQueueUrl(ctx context.Context, in *sqs.GetQueueUrlInput, _ ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	if d.nowhere {
		return &sqs.GetQueueUrlOutput{}, nil
	}
	return d.Server.GetQueueUrl(ctx, in)
}

func (denying) ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "AccessDenied", Message: "not you"}
}

// TestDenied has SQS refuse receives, which waiting does not cure: Run ends with that.
func TestDenied(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders")
		err := open(t, denying{Server: q}, "orders").Run(t.Context(), newFake(1, well))
		if api := smithy.APIError(nil); !errors.As(err, &api) || api.ErrorCode() != "AccessDenied" {
			t.Errorf("Run: %v", err)
		}
		if _, err := eventsource.Open(t.Context(), denying{q, true}, "orders"); err == nil {
			t.Error("opened a queue that is nowhere")
		}
	})
}
