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

// restarting is a function whose only process is started again, for so long, when the first
// event is there.
type restarting struct {
	*fake
	takes time.Duration
}

func (r *restarting) Acquire(ctx context.Context) (eventsource.Environment, error) {
	_, err := r.fake.Acquire(ctx)
	return r, err
}

func (r *restarting) Invoke(ctx context.Context, id string, event []byte, before time.Time) ([]byte, error) {
	if rest := time.Until(before); rest < r.takes {
		r.takes -= rest
		time.Sleep(rest)
		return nil, errors.New("no process in time")
	}
	time.Sleep(r.takes)
	r.takes = 0
	return r.fake.Invoke(ctx, id, event, before)
}

// TestRestartTooLong has a process take longer to start again than messages are invisible: the
// function never gets them once they are visible, and gets them when they come again.
func TestRestartTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders") // visibility timeout 30 s
		send(t, q, "orders", "", 3)
		var receives []string
		f := newFake(1, func(_ context.Context, e events.SQSEvent) ([]byte, error) {
			for _, r := range e.Records {
				receives = append(receives, r.Attributes["ApproximateReceiveCount"])
			}
			return nil, nil
		})
		stop := run(t, open(t, q, "orders"), &restarting{f, 40 * time.Second})
		time.Sleep(2 * time.Minute)
		stop()
		if got := strings.Join(receives, " "); got != "2 2 2" {
			t.Errorf("handled at receives %s", got)
		}
		wantCounts(t, q, "orders", 0, 0)
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
