package offlambda

import (
	"bytes"
	"context"
	"reflect"

	"github.com/aws/aws-lambda-go/lambda"
)

// What lambda.NewHandler returns is not safe for concurrent calls of Invoke: the response is
// in a buffer that it has already given back to those that it shares between calls.

// invoker returns what calls fn, which has a right signature, with JSON in and out. It may
// be called by many goroutines at once.
func invoker(fn any) func(context.Context, []byte) ([]byte, error) {
	h, ok := fn.(lambda.Handler)
	switch {
	case !ok:
		return func(ctx context.Context, payload []byte) ([]byte, error) {
			return lambda.NewHandler(fn).Invoke(ctx, payload) // has buffers of its own
		}
	case reflect.TypeOf(fn) == reflect.TypeOf(lambda.NewHandler(nil)):
		return oneByOne(h)
	}
	return h.Invoke
}

// oneByOne makes calls of h wait for each other, and copies responses meanwhile.
func oneByOne(h lambda.Handler) func(context.Context, []byte) ([]byte, error) {
	turn := make(chan struct{}, 1) // a mutex would hold up virtual time
	return func(ctx context.Context, payload []byte) ([]byte, error) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		response, err := h.Invoke(ctx, payload)
		return bytes.Clone(response), err
	}
}
