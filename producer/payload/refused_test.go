package payload_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
)

// client answers every request to send alike.
type client func(context.Context, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error)

func (c client) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	return c(ctx, in)
}

func (c client) GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	return &sqs.GetQueueUrlOutput{QueueUrl: new("http://host/1/jobs")}, nil
}

func failing(err error) client {
	return func(context.Context, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
		return nil, err
	}
}

func refusing(code string) client {
	return func(_ context.Context, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
		return &sqs.SendMessageBatchOutput{Failed: []types.BatchResultErrorEntry{{Id: in.Entries[0].Id, Code: &code, SenderFault: true}}}, nil
	}
}

// The object goes if the message was refused for sure, and stays if it may be in the queue.
func TestOffloadSendFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		client client
		gone   bool
	}{
		"entry refused":   {refusing("InvalidMessageContents"), true},
		"request refused": {failing(&smithy.GenericAPIError{Code: "InvalidParameterValue"}), true},
		"denied":          {failing(&smithy.OperationError{Err: &smithy.GenericAPIError{Code: "AccessDeniedException"}}), false},
		"no queue":        {failing(&types.QueueDoesNotExist{}), false},
		"SDK refuses":     {failing(smithy.InvalidParamsError{}), true},
		"entry throttled": {refusing("RequestThrottled"), false},
		"throttled":       {failing(&smithy.GenericAPIError{Code: "ThrottlingException", Fault: smithy.FaultClient}), false},
		"server fault":    {failing(&smithy.GenericAPIError{Code: "InternalError", Fault: smithy.FaultServer}), false},
		"network":         {failing(errors.New("connection reset")), false},
		"nothing said": {func(context.Context, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			return nil, nil
		}, false},
		"request timed out": {func(ctx context.Context, _ *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			return nil, hang(ctx)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s memory
				var left []error
				p := offloading(test.client, "jobs", &s, always, func(o *payload.Options) {
					o.OnLeft = func(_ string, err error) { left = append(left, err) }
				})
				_, err := p.Send(t.Context(), producer.Message{Body: "x"})
				if err == nil || len(s.keys()) == 1 == test.gone || len(s.deletes()) == 1 != test.gone || len(left) == 0 != test.gone {
					t.Errorf("Send = %v; objects %q, deletes %q, told of as left: %v", err, s.keys(), s.deletes(), left)
				}
			})
		})
	}
}

// Send does not wait for a delete longer than it says, nor once its context has ended.
func TestOffloadDeleteFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ending         func(context.Context) error
		patience, want time.Duration
		err            error
	}{
		"error":        {func(context.Context) error { return errStore }, time.Hour, 0, errStore},
		"hangs":        {hang, time.Hour, 5 * time.Second, context.DeadlineExceeded},
		"hangs, hurry": {hang, time.Second, time.Second, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := memory{ending: test.ending}
				var left []error
				var key string
				p := offloading(refusing("InvalidMessageContents"), "jobs", &s, always, func(o *payload.Options) {
					o.OnLeft = func(k string, err error) { key, left = k, append(left, err) }
				})
				ctx, cancel := context.WithTimeout(t.Context(), test.patience)
				defer cancel()
				start := time.Now()
				_, err := p.Send(ctx, producer.Message{Body: "x"})
				var api smithy.APIError
				if took := time.Since(start); took != test.want || !errors.As(err, &api) {
					t.Errorf("Send = %v after %v, want SQS's error after %v", err, took, test.want)
				}
				if len(left) != 1 || !errors.Is(left[0], test.err) || key != s.keys()[0] {
					t.Errorf("told of %q: %v, want %v", key, left, test.err)
				}
			})
		})
	}
}

// The context of Send ends at each place where it waits.
func TestOffloadContextEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		putting func(context.Context) error
		objects int
	}{
		"while it is stored": {hang, 0},
		"while it is sent":   {nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := memory{putting: test.putting}
				var left atomic.Int32
				p := offloading(client(func(ctx context.Context, _ *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
					return nil, hang(ctx)
				}), "jobs", &s, always, func(o *payload.Options) {
					o.OnLeft = func(string, error) { left.Add(1) }
				})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				start := time.Now()
				_, err := p.Send(ctx, producer.Message{Body: "x"})
				if took := time.Since(start); took != time.Second || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Send = %v after %v", err, took)
				}
				if len(s.keys()) != test.objects || left.Load() != 1 || len(s.deletes()) != 0 {
					t.Errorf("objects %q, deletes %q, told of %d", s.keys(), s.deletes(), left.Load())
				}
				if err := p.Close(ctx); !errors.Is(err, context.DeadlineExceeded) && err != nil {
					t.Errorf("Close = %v", err)
				}
			})
		})
	}
}

func TestOffloadStoreFails(t *testing.T) {
	t.Parallel()
	s := memory{putting: func(context.Context) error { return errStore }}
	d := newDock(t, "jobs", &s, always)
	_, err := d.Send(t.Context(), producer.Message{Body: "body"})
	if !errors.Is(err, errStore) || !strings.Contains(err.Error(), "store the body, of 4 bytes") || len(d.received()) != 0 {
		t.Errorf("Send = %v", err)
	}
}

// A producer that is closed sends nothing.
func TestOffloadClosed(t *testing.T) {
	t.Parallel()
	var s memory
	d := newDock(t, "jobs", &s, always)
	if err := d.Producer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Send(t.Context(), producer.Message{Body: "x"}); err != producer.ErrClosed || len(s.keys()) != 0 || len(s.deletes()) != 1 {
		t.Errorf("Send = %v; objects %q, deletes %q", err, s.keys(), s.deletes())
	}
}

// One that is closed in the middle of a request may have sent the message.
func TestOffloadCutShort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s memory
		p := offloading(client(func(ctx context.Context, _ *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			return nil, hang(ctx)
		}), "jobs", &s, always)
		ended := make(chan error)
		go func() {
			_, err := p.Send(t.Context(), producer.Message{Body: "x"})
			ended <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		closed := p.Close(ctx)
		if err := <-ended; closed == nil || !errors.Is(err, producer.ErrClosed) || len(s.keys()) != 1 || len(s.deletes()) != 0 {
			t.Errorf("Close = %v, Send = %v; objects %q, deletes %q", closed, err, s.keys(), s.deletes())
		}
	})
}
