package worker_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/worker"
)

// says is a handler that returns an error with its name, so that a test sees who
// was called.
func says(name string) worker.Handler {
	err := errors.New(name)
	return worker.HandlerFunc(func(context.Context, *worker.Message) error { return err })
}

func typed(name string) *worker.Message { return &worker.Message{Type: name} }

func TestMuxRoutesByType(t *testing.T) {
	t.Parallel()
	x := worker.NewMux(worker.ByType)
	x.Route("paid", says("pay"))
	x.Route("shipped", worker.JSON(func(_ context.Context, o order) error { return errors.New("ship " + o.ID) }))
	x.Route("", says("untyped"))
	for _, test := range []struct {
		m    worker.Message
		want string
	}{
		{worker.Message{Type: "paid"}, "pay"},
		{worker.Message{Type: "shipped", Body: `{"id":"42"}`}, "ship 42"},
		{worker.Message{}, "untyped"},
	} {
		if err := x.Handle(t.Context(), &test.m); err == nil || err.Error() != test.want {
			t.Errorf("type %q: Handle = %v, want %s", test.m.Type, err, test.want)
		}
	}
}

// What has no route goes the way of DeadLetter, or to the handler for it. Types
// are compared letter by letter.
func TestMuxUnknownType(t *testing.T) {
	t.Parallel()
	x := worker.NewMux(worker.ByType)
	x.Route("paid", says("pay"))
	for _, name := range []string{"", "Paid", "paid ", "nil"} {
		err := x.Handle(t.Context(), typed(name))
		if want := worker.DeadLetter(&worker.UnknownTypeError{Type: name}); !reflect.DeepEqual(err, want) {
			t.Errorf("type %q: Handle = %#v, want %#v", name, err, want)
		}
	}
	x.Otherwise(says("other"), tagged("mw"))
	for _, name := range []string{"", "Paid"} {
		if err := x.Handle(t.Context(), typed(name)); err == nil || err.Error() != "mw: other" {
			t.Errorf("type %q: Handle = %v, want the fallback inside its middleware", name, err)
		}
	}
	if err := x.Handle(t.Context(), typed("paid")); err == nil || err.Error() != "pay" {
		t.Errorf("type paid: Handle = %v, want pay", err)
	}
}

func TestUnknownTypeErrorText(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"a b": `no route for message type "a b"`, "": "no route for messages without a type"} {
		if got := (&worker.UnknownTypeError{Type: name}).Error(); got != want {
			t.Errorf("Error() = %q, want %q", got, want)
		}
	}
}

// tagged is a middleware that shows in the error where it stands.
func tagged(name string) worker.Middleware {
	return func(next worker.Handler) worker.Handler {
		return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			return fmt.Errorf("%s: %w", name, next.Handle(ctx, m))
		})
	}
}

func TestMuxBuildsEachChainOnce(t *testing.T) {
	t.Parallel()
	built := 0
	count := func(next worker.Handler) worker.Handler { built++; return next }
	x := worker.NewMux(worker.ByType)
	x.Route("a", says("A"), tagged("outer"), count, tagged("inner"))
	x.Route("b", says("B"))
	for range 10 {
		for name, want := range map[string]string{"a": "outer: inner: A", "b": "B"} {
			if err := x.Handle(t.Context(), typed(name)); err == nil || err.Error() != want {
				t.Errorf("type %q: Handle = %v, want %s", name, err, want)
			}
		}
	}
	if built != 1 {
		t.Errorf("the chain was built %d times, want once", built)
	}
}

func TestMuxNests(t *testing.T) {
	t.Parallel()
	inner := worker.NewMux(worker.ByField("version"))
	outer := worker.NewMux(worker.ByType)
	outer.Route("paid", inner)
	inner.Route("2", says("second"))
	err := outer.Handle(t.Context(), &worker.Message{Type: "paid", Body: `{"version":"2"}`})
	if err == nil || err.Error() != "second" {
		t.Errorf("Handle = %v, want second", err)
	}
}

// A message that cannot be routed fails as if its handler had: no fallback, and
// no panic.
func TestMuxRouteFunctionFails(t *testing.T) {
	t.Parallel()
	x := worker.NewMux(func(m *worker.Message) (string, error) {
		switch m.Body {
		case "error":
			return "a", worker.RetryAfter(time.Minute, errLost)
		case "panic":
			panic(errLost)
		}
		return "", nil
	})
	x.Route("a", says("routed"))
	x.Otherwise(says("other"))
	err := x.Handle(t.Context(), &worker.Message{Body: "error"})
	if !errors.Is(err, errLost) || !strings.Contains(err.Error(), worker.RetryAfter(time.Minute, errLost).Error()) {
		t.Errorf("route returns an error: Handle = %v, want it to contain the error", err)
	}
	err = x.Handle(t.Context(), &worker.Message{Body: "panic"})
	var p *worker.PanicError
	if !errors.As(err, &p) || p.Value != any(errLost) || !strings.Contains(string(p.Stack), "mux_test.go") {
		t.Errorf("route panics: Handle = %v, want a *PanicError with value and stack", err)
	}
	if err := x.Handle(t.Context(), &worker.Message{}); err == nil || err.Error() != "other" {
		t.Errorf("route returns nothing: Handle = %v, want other", err)
	}
}

// What is wrong with a Mux is reported by Run before the first request, and the
// messages concerned, if any get there, fail with the same words.
func TestMuxMistakes(t *testing.T) {
	t.Parallel()
	h := says("h")
	byType := func(routes func(x *worker.Mux)) *worker.Mux {
		x := worker.NewMux(worker.ByType)
		routes(x)
		return x
	}
	var none *worker.Mux
	for _, test := range []struct {
		h    worker.Handler
		want string
	}{
		{none, "Mux: the Mux is nil"},
		{new(worker.Mux), "Mux: the route function is nil"},
		{worker.NewMux(nil), "Mux: the route function is nil"},
		{byType(func(x *worker.Mux) { x.Route("a", nil) }), `Mux: route "a": the handler is nil`},
		{byType(func(x *worker.Mux) { x.Route("a", worker.HandlerFunc(nil)) }), `Mux: route "a": the handler is nil`},
		{byType(func(x *worker.Mux) { x.Route("a", worker.JSON[order](nil)) }), `Mux: route "a": the handler is nil`},
		{byType(func(x *worker.Mux) { x.Route("a", h, nil) }), `Mux: route "a": a middleware is nil`},
		{byType(func(x *worker.Mux) {
			x.Route("a", h, func(worker.Handler) worker.Handler { return nil })
		}), `Mux: route "a": the middleware returned nil`},
		{byType(func(x *worker.Mux) { x.Route("a", h); x.Route("a", h) }), `Mux: route "a": there are two`},
		{byType(func(x *worker.Mux) { x.Otherwise(nil) }), "Mux: Otherwise: the handler is nil"},
		{byType(func(x *worker.Mux) { x.Otherwise(h); x.Otherwise(h) }), "Mux: Otherwise: there are two"},
		{byType(func(x *worker.Mux) { x.Route("a", worker.NewMux(nil)) }), "Mux: the route function is nil"},
	} {
		wantMistake(t, test.h, test.want)
		for range 2 { // the mistake is not forgotten
			if err := test.h.Handle(t.Context(), typed("a")); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Handle = %v, want %s", err, test.want)
			}
		}
	}
}

// A mistake in one route leaves the others alone.
func TestMuxMistakeIsLocal(t *testing.T) {
	t.Parallel()
	x := worker.NewMux(worker.ByType)
	x.Route("a", says("first"))
	x.Route("b", says("B"))
	x.Route("a", says("second"))
	x.Route("c", nil)
	if err := x.Handle(t.Context(), typed("b")); err == nil || err.Error() != "B" {
		t.Errorf("Handle = %v, want B", err)
	}
	wantMistake(t, x, `route "a"`)
	wantMistake(t, x, `route "c"`)
}

// Routes may be added while messages are handled.
func TestMuxRoutesWhileRunning(t *testing.T) {
	t.Parallel()
	const routes, readers = 100, 4
	x := worker.NewMux(worker.ByType)
	var wg sync.WaitGroup
	for range readers {
		wg.Go(func() {
			for range 100 {
				for i := range routes {
					name := strconv.Itoa(i)
					err := x.Handle(t.Context(), typed(name))
					if err == nil || err.Error() != name && !errors.As(err, new(*worker.UnknownTypeError)) {
						t.Errorf("type %q: Handle = %v", name, err)
					}
				}
			}
		})
	}
	for first := range 2 {
		wg.Go(func() {
			for i := first; i < routes; i += 2 {
				x.Route(strconv.Itoa(i), says(strconv.Itoa(i)))
			}
		})
	}
	wg.Wait()
	for i := range routes {
		if err := x.Handle(t.Context(), typed(strconv.Itoa(i))); err == nil || err.Error() != strconv.Itoa(i) {
			t.Errorf("type %d: Handle = %v at the end", i, err)
		}
	}
}

func TestMuxDispatchAllocatesNothing(t *testing.T) { // not parallel: AllocsPerRun counts everyone's
	x := worker.NewMux(worker.ByType)
	for _, name := range []string{"a", "b", "c"} {
		x.Route(name, worker.HandlerFunc(ok))
	}
	m, ctx := typed("b"), t.Context()
	if n := testing.AllocsPerRun(1000, func() {
		if err := x.Handle(ctx, m); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("Handle allocates %v times a message, want none", n)
	}
}

// A worker deletes what a route has done, and nothing that has no route.
func TestLocalMux(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders -> orders-dlq")
		for _, body := range []string{`{"kind":"paid"}`, `{"kind":"lost"}`, `not JSON`} {
			if _, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: q.url("orders"), MessageBody: &body}); err != nil {
				t.Fatal(err)
			}
		}
		x := worker.NewMux(worker.ByField("kind"))
		x.Route("paid", worker.HandlerFunc(ok))
		w := start(t, q, "orders", x.Handle)
		synctest.Wait()
		w.clean()
		left := 0
		for _, name := range []string{"orders", "orders-dlq"} {
			visible, flying := q.counts(name)
			for _, n := range []string{visible, flying} {
				i, err := strconv.Atoi(n)
				if err != nil {
					t.Fatal(err)
				}
				left += i
			}
		}
		if left != 2 {
			t.Errorf("%d messages are left in the queue and its dead-letter queue, want the 2 without a route", left)
		}
	})
}

// wantMistake fails the test unless Run, asked to use h, would report want.
func wantMistake(t *testing.T, h worker.Handler, want string) {
	t.Helper()
	if err := worker.Validate(h); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Run would report %v, want %s", err, want)
	}
}

func TestMuxMistakesThroughChain(t *testing.T) {
	t.Parallel()
	x := worker.NewMux(worker.ByType)
	x.Route("a", nil)
	h := worker.Chain(tagged("1"), tagged("2"))(x)
	wantMistake(t, h, `route "a"`)
	if err := h.Handle(t.Context(), typed("a")); err == nil || !strings.HasPrefix(err.Error(), "1: 2: ") {
		t.Errorf("Handle = %v, want the error inside both middlewares", err)
	}
	if worker.Chain()(worker.Handler(x)) != worker.Handler(x) {
		t.Error("an empty chain changes its handler")
	}
}

func TestMuxWithoutMistakes(t *testing.T) {
	t.Parallel()
	x := worker.NewMux(worker.ByField("kind"))
	x.Route("a", says("A"), tagged("mw"))
	x.Route("", worker.NewMux(worker.ByType))
	x.Otherwise(says("other"))
	if err := worker.Validate(x); err != nil {
		t.Errorf("Run would report %v, want nothing", err)
	}
}
