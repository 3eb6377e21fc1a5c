package worker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Mux is a handler that gives each message to the handler of its type, as
// net/http's ServeMux does with requests:
//
//	x := worker.NewMux(worker.ByType)
//	x.Route("order.paid", worker.JSON(ship))
//	x.Route("order.cancelled", worker.JSON(refund), traced)
//	w := worker.New(client, "orders", x)
//
// A message that has no route fails with a *[UnknownTypeError] inside
// [DeadLetter]; see there. It is never deleted. [Mux.Otherwise] sets a handler
// for such messages instead. A message that the route function returns an error
// for, or panics on, fails with that: it has not shown its type, so it goes to no
// handler, not even that of Otherwise.
//
// Set-up does not panic. What is wrong with it (a nil handler or middleware, a
// name twice) is reported by [Worker.Run] before the first request, and messages
// of the route concerned fail with the same error. Run sees a Mux through [Chain], but
// not within somebody's own Handler; there the second holds.
//
// A Mux is safe for use by many goroutines at once. Routes may be added while it
// handles messages; they count from the next message on.
type Mux struct {
	route func(*Message) (string, error)
	table atomic.Pointer[muxTable] // replaced as a whole, so that Handle needs no lock

	mu    sync.Mutex // held to replace the table; guards what follows
	wrong []error
	inner []validator // handlers with a set-up of their own
}

// A muxTable is never changed.
type muxTable struct {
	routes map[string]Handler
	other  Handler // nil: none
}

// validator is implemented by handlers and gates that know what is wrong with their
// set-up. [Worker.Run] asks before its first request.
type validator interface{ validate() error }

// NewMux makes a Mux that asks route for the name of each message's type:
// [ByType], [ByField] or a function of your own, which must be safe for use by
// many goroutines at once. "" is a name like any other: that of messages without
// a type, for which there may be a route.
func NewMux(route func(*Message) (string, error)) *Mux { return &Mux{route: route} }

// ByType routes by [Message].Type, which producers set.
func ByType(m *Message) (string, error) { return m.Type, nil }

// Route has h handle the messages whose type is name, exactly. The middleware,
// the first outermost as in [Chain], is put around h now, not at each message.
func (x *Mux) Route(name string, h Handler, mw ...Middleware) {
	what := fmt.Sprintf("worker: Mux: route %q", name)
	x.change(func(t *muxTable) {
		t.routes[name] = x.set(what, t.routes[name], h, mw)
	})
}

// Otherwise has h handle the messages whose type has no route, inside mw as in
// [Mux.Route].
func (x *Mux) Otherwise(h Handler, mw ...Middleware) {
	x.change(func(t *muxTable) {
		t.other = x.set("worker: Mux: Otherwise", t.other, h, mw)
	})
}

// change has f change a copy of the table, which then takes the place of the
// table.
func (x *Mux) change(f func(t *muxTable)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	t := &muxTable{routes: make(map[string]Handler)}
	if old := x.table.Load(); old != nil {
		maps.Copy(t.routes, old.routes)
		t.other = old.other
	}
	f(t)
	x.table.Store(t)
}

// set returns what is to handle the messages of what: h inside mw or, if there is
// something wrong with that, a handler that says so. If there are two handlers
// neither is called: which of them is meant is not known. x.mu must be held.
func (x *Mux) set(what string, before, h Handler, mw []Middleware) Handler {
	err := errors.New("there are two")
	if h == Handler(x) {
		err = errors.New("the handler is the Mux itself")
	} else if before == nil {
		h, err = around(h, mw, &x.inner)
	}
	if err == nil {
		return h
	}
	err = fmt.Errorf("%s: %w", what, err)
	x.wrong = append(x.wrong, err)
	return HandlerFunc(func(context.Context, *Message) error { return err })
}

// around puts mw around h. If h has a set-up of its own, it is added to inner.
func around(h Handler, mw []Middleware, inner *[]validator) (Handler, error) {
	if f, ok := h.(HandlerFunc); h == nil || ok && f == nil {
		return nil, errors.New("the handler is nil")
	}
	for _, f := range mw {
		if f == nil {
			return nil, errors.New("a middleware is nil")
		}
	}
	if v, ok := h.(validator); ok {
		*inner = append(*inner, v)
	}
	if h = Chain(mw...)(h); h == nil {
		return nil, errors.New("the middleware returned nil")
	}
	return h, nil
}

// Handle gives m to the handler of its type.
func (x *Mux) Handle(ctx context.Context, m *Message) error {
	if err := x.unusable(); err != nil {
		return err
	}
	name, err := x.name(m)
	if err != nil {
		return fmt.Errorf("route: %w", err)
	}
	t := x.table.Load()
	if t == nil {
		t = &muxTable{}
	}
	if h := t.routes[name]; h != nil {
		return h.Handle(ctx, m)
	}
	if t.other != nil {
		return t.other.Handle(ctx, m)
	}
	return DeadLetter(&UnknownTypeError{Type: name})
}

// name calls the route function. A panic in it is the message's failure.
func (x *Mux) name(m *Message) (name string, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return x.route(m)
}

// unusable says why no message at all can be routed, if that is so.
func (x *Mux) unusable() error {
	if x == nil {
		return errNilMux
	}
	if x.route == nil {
		return errNoRoute
	}
	return nil
}

var (
	errNilMux  = errors.New("worker: Mux: the Mux is nil")
	errNoRoute = errors.New("worker: Mux: the route function is nil")
)

// validate reports everything that is wrong with x and what it routes to.
func (x *Mux) validate() error {
	if x == nil {
		return errNilMux
	}
	x.mu.Lock()
	errs := append([]error{x.unusable()}, x.wrong...)
	inner := x.inner[:len(x.inner):len(x.inner)]
	x.mu.Unlock()
	for _, v := range inner {
		errs = append(errs, v.validate())
	}
	return errors.Join(errs...)
}

// UnknownTypeError is the failure of a message whose type has no route in a
// [Mux]. A Mux returns it inside [DeadLetter]: where the queue has a dead-letter
// queue, the worker moves the message there, with the reason; where it has none,
// the message stays, and comes again like any that failed.
type UnknownTypeError struct {
	Type string // the name that the route function returned
}

func (e *UnknownTypeError) Error() string {
	if e.Type == "" {
		return "no route for messages without a type"
	}
	return fmt.Sprintf("no route for message type %q", e.Type)
}
