package worker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/worker"
)

type order struct {
	ID string `json:"id"`
}

func TestJSONWithoutAWorker(t *testing.T) {
	t.Parallel()
	m := &worker.Message{Body: `{"id":"42"}`}
	called := false
	err := worker.JSON(func(ctx context.Context, o order) error {
		called = true
		if o.ID != "42" {
			t.Errorf("decoded %+v, want id 42", o)
		}
		if got, _ := worker.FromContext(ctx); got != m {
			t.Errorf("FromContext = %v, want the message", got)
		}
		return nil
	}).Handle(t.Context(), m)
	if err != nil || !called {
		t.Errorf("Handle = %v, called %v; want nil, true", err, called)
	}
}

func TestJSONUndecodable(t *testing.T) {
	t.Parallel()
	h := worker.JSON(func(context.Context, order) error {
		t.Error("the function was called")
		return nil
	})
	err := h.Handle(t.Context(), &worker.Message{Body: `{"id":`})
	var d *worker.DecodeError
	if !errors.As(err, &d) || d.Type != "worker_test.order" || !errors.As(err, new(*json.SyntaxError)) {
		t.Errorf("Handle = %#v, want a DecodeError for worker_test.order around a *json.SyntaxError", err)
	}
}

func TestFromContextOutsideAHandler(t *testing.T) {
	t.Parallel()
	if m, ok := worker.FromContext(t.Context()); m != nil || ok {
		t.Errorf("FromContext = %v, %v, want nil, false", m, ok)
	}
}

func TestRetryAfterUnwraps(t *testing.T) {
	t.Parallel()
	if err := worker.RetryAfter(1, errLost); !errors.Is(err, errLost) || !strings.Contains(err.Error(), errLost.Error()) {
		t.Errorf("RetryAfter(1, %v) = %v, want it to contain it", errLost, err)
	}
}

func TestPolicyByHand(t *testing.T) {
	t.Parallel()
	m := &worker.Message{}
	m.Policy().DeleteWithin++
	if got, want := m.Policy().DeleteWithin, worker.DefaultDeleteWithin+1; got != want {
		t.Errorf("DeleteWithin = %v, want what was set, %v", got, want)
	}
}

func ExampleChain() {
	say := func(name string) worker.Middleware {
		return func(next worker.Handler) worker.Handler {
			return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
				fmt.Println(name, "before")
				defer fmt.Println(name, "after")
				return next.Handle(ctx, m)
			})
		}
	}
	h := worker.Chain(say("outer"), say("inner"))(worker.HandlerFunc(func(context.Context, *worker.Message) error {
		fmt.Println("handler")
		return nil
	}))
	_ = h.Handle(context.Background(), &worker.Message{})
	// Output:
	// outer before
	// inner before
	// handler
	// inner after
	// outer after
}

func ExampleJSON() {
	type Order struct{ ID string }
	h := worker.JSON(func(ctx context.Context, o Order) error {
		m, _ := worker.FromContext(ctx)
		fmt.Println("ship order", o.ID, "from message", m.ID)
		return nil
	})

	// A handler can be tried out without a worker.
	err := h.Handle(context.Background(), &worker.Message{ID: "1", Body: `{"ID":"42"}`})
	fmt.Println(err)
	err = h.Handle(context.Background(), &worker.Message{ID: "2", Body: `42`})
	fmt.Println(err)
	// Output:
	// ship order 42 from message 1
	// <nil>
	// decode body as worker_test.Order: json: cannot unmarshal number into Go value of type worker_test.Order
}
