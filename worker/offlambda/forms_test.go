package offlambda_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
	"github.com/quayside-go/quayside/worker/offlambda"
)

var errLost = errors.New("lost")

type (
	none   = events.SQSEventResponse
	ctx    = context.Context
	record struct{ Records []struct{ Body string } } // a type of the function's own
)

// calls counts what forms were called with.
type calls struct{ n int }

func (c *calls) sees(t *testing.T, bodies ...string) {
	t.Helper()
	c.n++
	for _, b := range bodies {
		if b != "body" {
			t.Errorf("the body is %q", b)
		}
	}
}

type invoker struct{ c *calls }

func (i invoker) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	i.c.n++
	if !bytes.Contains(payload, []byte(`"body":"body"`)) {
		return nil, errLost
	}
	return []byte("null"), nil
}

// Every form that lambda.Start takes runs.
func TestForms(t *testing.T) {
	t.Parallel()
	c := &calls{}
	forms := []any{
		func() { c.n++ },
		func(e events.SQSEvent) { c.sees(t, e.Records[0].Body) },
		func() error { c.n++; return nil },
		func(e *events.SQSEvent) error { c.sees(t, e.Records[0].Body); return nil },
		func() (none, error) { c.n++; return none{}, nil },
		func(e record) (*none, error) { c.sees(t, e.Records[0].Body); return nil, nil },
		func(context.Context) { c.n++ },
		func(context.Context) error { c.n++; return nil },
		func(context.Context) (map[string]any, error) { c.n++; return map[string]any{"statusCode": 200}, nil },
		func(_ context.Context, e events.SQSEvent) { c.sees(t, e.Records[0].Body) },
		func(_ context.Context, e map[string]any) error { c.n++; return nil },
		func(_ context.Context, e events.SQSEvent) (none, error) {
			c.sees(t, e.Records[0].Body)
			return none{}, nil
		},
		func(_ context.Context, e json.RawMessage) (string, error) { c.n++; return "fine", nil },
		func(_ context.Context, e any) (int, error) { c.n++; return 7, nil },
		func(_ ctx, e events.SQSEvent) (io.Reader, error) {
			c.n++
			return strings.NewReader(`{"batchItemFailures":[]}`), nil
		},
		invoker{c},
		lambda.NewHandler(func(e events.SQSEvent) error { c.sees(t, e.Records[0].Body); return nil }),
	}
	for i, form := range forms {
		h := offlambda.Handler(form, func(o *offlambda.Options) { o.IgnoreResponse = true })
		if err := h.Handle(t.Context(), &worker.Message{ID: "1", Body: "body"}); err != nil || c.n != i+1 {
			t.Errorf("%T: %v after %d calls, want %d", form, err, c.n, i+1)
		}
	}
}

// What lambda.Start would refuse at the first event, Run refuses before.
func TestFormsThatAreNone(t *testing.T) {
	t.Parallel()
	q := localqueue.New()
	defer q.Close()
	for _, form := range []any{
		nil, 7, "handle", struct{}{}, (func())(nil), (*invoker)(nil),
		func(int, events.SQSEvent) {}, func(context.Context, int, int) {}, func(io.Reader) {},
		func() int { return 0 }, func() (int, int) { return 0, 0 }, func() (int, int, error) { return 0, 0, nil },
		func(error, int) {},
	} {
		err := worker.New(q, "orders", offlambda.Handler(form)).Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "offlambda: ") {
			t.Errorf("%T: Run = %v, want what is wrong with the function", form, err)
		}
		if v := reflect.ValueOf(form); form == nil || v.Kind() == reflect.Func && !v.IsNil() {
			if _, err := lambda.NewHandler(form).Invoke(t.Context(), []byte("{}")); err == nil {
				t.Errorf("lambda.Start takes %T", form)
			}
		}
		if offlambda.Handler(form).Handle(t.Context(), &worker.Message{}) == nil {
			t.Errorf("%T: a message is done", form)
		}
	}
}

func TestOptionsThatAreWrong(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]func(*offlambda.Options){
		"an option is nil":         nil,
		"Options.BatchSize is -1":  func(o *offlambda.Options) { o.BatchSize = -1 },
		"Options.Window is -1ns":   func(o *offlambda.Options) { o.Window = -1 },
		"Options.Timeout is -1ns":  func(o *offlambda.Options) { o.Timeout = -1 },
		"takes any number":         func(*offlambda.Options) {},
		"is not a function, or it": func(*offlambda.Options) {},
	} {
		var fn any = func() {}
		switch {
		case strings.HasPrefix(want, "takes"):
			fn = func(...int) {}
		case strings.HasPrefix(want, "is not"):
			fn, want = 7, "int is not a function"
		}
		_, err := worker.NewHost(nil, "orders", offlambda.Handler(fn, f), worker.HostOptions{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Each call has a request id of its own, as on Lambda.
func TestLambdaContext(t *testing.T) {
	t.Parallel()
	ids := make(map[string]bool)
	h := offlambda.Handler(func(ctx context.Context) error {
		lc, ok := lambdacontext.FromContext(ctx)
		if !ok || len(lc.AwsRequestID) != 36 {
			t.Errorf("the context has %+v, %v", lc, ok)
			return nil
		}
		ids[lc.AwsRequestID] = true
		return nil
	})
	for range 2 {
		h.Handle(t.Context(), &worker.Message{})
	}
	if len(ids) != 2 {
		t.Errorf("request ids %v, want two", ids)
	}
}
