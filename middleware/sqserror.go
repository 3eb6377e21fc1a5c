package middleware

import (
	"context"
	"errors"
	"reflect"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/worker"
)

// otherError is the error.type of errors that have nothing to tell them apart.
const otherError = "_OTHER"

// errorType returns the error.type of the conventions for err, one of few; "" for nil:
//
//	*worker.PanicError, a handler's panic   panic
//	one with a method ErrorType() string    what that returns
//	an answer of SQS, or of another API     its code, such as RequestThrottled
//	worker.ErrLeaseLost and its like        lease_lost, max_lease, draining
//	ErrClaimLost, ErrKeyReused              claim_lost, key_reused
//	ErrTimeout or another timeout           timeout
//	context.Canceled                        canceled
//	any other                               its Go type, such as *net.OpError, without what
//	                                        fmt, errors, worker and the SDK put around it
//	errors.New, fmt.Errorf                  _OTHER
//
// A method of err that panics makes it _OTHER too.
func errorType(err error) (typ string) {
	if err == nil {
		return ""
	}
	defer func() {
		if recover() != nil {
			typ = otherError
		}
	}()
	if errors.As(err, new(*worker.PanicError)) || errors.Is(err, errPanicked) {
		return "panic"
	}
	var named interface{ ErrorType() string }
	if errors.As(err, &named) && named.ErrorType() != "" {
		return named.ErrorType()
	}
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() != "" {
		return api.ErrorCode()
	}
	var slow interface{ Timeout() bool }
	switch {
	case errors.Is(err, worker.ErrLeaseLost):
		return "lease_lost"
	case errors.Is(err, worker.ErrMaxLease):
		return "max_lease"
	case errors.Is(err, worker.ErrDraining):
		return "draining"
	case errors.Is(err, ErrClaimLost):
		return "claim_lost"
	case errors.Is(err, ErrKeyReused):
		return "key_reused"
	case errors.Is(err, ErrTimeout), errors.As(err, &slow) && slow.Timeout():
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "canceled"
	}
	return typeName(err)
}

// typeName returns the Go type of the outermost error of err that says more than that
// there is an error in it.
func typeName(err error) string {
	for plain(err) {
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			err = e.Unwrap()[0]
		default:
			return otherError
		}
	}
	if err == nil {
		return otherError
	}
	return reflect.TypeOf(err).String()
}

var workerPackage = reflect.TypeFor[worker.Worker]().PkgPath()

// plain reports whether err is of a type that only adds words to another, or to none.
func plain(err error) bool {
	t := reflect.TypeOf(err)
	if t == nil {
		return false
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch pkg := t.PkgPath(); pkg {
	case "errors", "fmt", "net/url":
		return true
	case workerPackage:
		c := t.Name()[0]
		return 'a' <= c && c <= 'z' // not exported: a verdict, such as Discard's
	default:
		return strings.HasPrefix(pkg, "github.com/aws/")
	}
}
