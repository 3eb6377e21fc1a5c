package middleware

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/worker"
)

// named says of itself what type of error it is.
type named struct{ typ string }

func (e named) Error() string     { return "named" }
func (e named) ErrorType() string { return e.typ }

// spiteful panics when it is asked what is in it.
type spiteful struct{}

func (spiteful) Error() string { return "spiteful" }
func (spiteful) Unwrap() error { panic("no") }

func TestErrorType(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	called := func(err error) error {
		return &smithy.OperationError{ServiceID: "SQS", OperationName: "ReceiveMessage", Err: err}
	}
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"nil", nil, ""},
		{"code of the Query protocol", called(&types.QueueDoesNotExist{ErrorCodeOverride: new("AWS.SimpleQueueService.NonExistentQueue")}),
			"AWS.SimpleQueueService.NonExistentQueue"},
		{"code", called(&types.RequestThrottled{}), "RequestThrottled"},
		{"code unknown to the SDK", fmt.Errorf("receive: %w", &smithy.GenericAPIError{Code: "ThrottlingException"}), "ThrottlingException"},
		{"no code", &smithy.GenericAPIError{}, "_OTHER"},
		{"connection refused", called(&url.Error{Op: "Post", Err: refused}), "*net.OpError"},
		{"timed out", called(&url.Error{Op: "Post", Err: &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}}), "timeout"},
		{"deadline", fmt.Errorf("ship: %w", context.DeadlineExceeded), "timeout"},
		{"cancelled", called(&smithy.CanceledError{Err: context.Canceled}), "canceled"},
		{"lease lost", worker.ErrLeaseLost, "lease_lost"},
		{"held too long", fmt.Errorf("ship: %w", worker.ErrMaxLease), "max_lease"},
		{"drained", worker.ErrDraining, "draining"},
		{"panic", &worker.PanicError{Value: "no"}, "panic"},
		{"panic with an error", fmt.Errorf("ship: %w", &worker.PanicError{Value: &types.RequestThrottled{}}), "panic"},
		{"panic going on", errPanicked, "panic"},
		{"named", fmt.Errorf("ship: %w", named{"sold_out"}), "sold_out"},
		{"named without a name", named{}, "middleware.named"},
		{"type", &json.SyntaxError{}, "*json.SyntaxError"},
		{"type, wrapped", fmt.Errorf("a: %w", fmt.Errorf("b: %w", &json.SyntaxError{})), "*json.SyntaxError"},
		{"type among others", errors.Join(&json.SyntaxError{}, io.EOF), "*json.SyntaxError"},
		{"verdict", worker.Discard(&json.SyntaxError{}), "*json.SyntaxError"},
		{"verdicts", worker.RetryAfter(1, worker.DeadLetter(&json.SyntaxError{})), "*json.SyntaxError"},
		{"verdict alone", worker.DeadLetter(nil), "_OTHER"},
		{"body", &worker.DecodeError{Err: &json.SyntaxError{}}, "*worker.DecodeError"},
		{"text", errors.New("no"), "_OTHER"},
		{"formatted", fmt.Errorf("no %d", 1), "_OTHER"},
		{"variable", fmt.Errorf("read: %w", io.ErrUnexpectedEOF), "_OTHER"},
		{"spiteful", spiteful{}, "_OTHER"},
	} {
		if got := errorType(test.err); got != test.want {
			t.Errorf("%s: errorType(%v) = %q, want %q", test.name, test.err, got, test.want)
		}
	}
}
