package localqueue

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

// underFaults is a call in this process that may meet faults.
func underFaults[In, Out any](ctx context.Context, s *Server, f *faults, action string, ns namespace, in *In, do func(namespace, *In) (*Out, error)) (out *Out, err error) {
	err = f.meet(ctx, s, action, ns, subjectOf(in), func(fate *fate) error {
		ns.fate = fate
		out, err = do(ns, in)
		return err
	})
	return out, err
}

// spared is a call of the server's own on behalf of its user, which meets no faults.
func spared[In, Out any](ctx context.Context, s *Server, action string, in *In, do func(namespace, *In) (*Out, error)) (*Out, error) {
	ns, err := s.namespace(ctx, nil)
	if f := s.faults.Load(); err == nil && f != nil {
		err = f.err
	}
	if err != nil {
		return nil, toSDK(action, err)
	}
	out, err := do(ns, in)
	return out, toSDK(action, err)
}

// underFaults is a request that may meet faults. If a fault breaks the connection it does not
// return.
func (x *exchange) underFaults(f *faults) error {
	about := x.subject()
	if name := cmp.Or(about.QueueUrl, about.QueueName); name != "" {
		x.asks(name) // the action may never come to it
	}
	err := f.meet(x.r.Context(), x.s, x.name, x.ns, about, func(fate *fate) error {
		x.ns.fate = fate
		return x.action(x)
	})
	if errors.As(err, new(*lost)) {
		x.err = err
		panic(http.ErrAbortHandler)
	}
	return err
}

// meet has a call meet its faults before and after do.
func (f *faults) meet(ctx context.Context, s *Server, action string, ns namespace, about subject, do func(*fate) error) error {
	if f.err != nil {
		return f.err
	}
	fate := f.fateOf(s, action, about.queue(ns))
	if err := fate.before(ctx, s); err != nil {
		return err
	}
	return fate.after(ctx, do(fate))
}

// subject is how a request names the queue that it is about: by one of these members,
// "" where it has not got it.
type subject struct{ QueueUrl, QueueName, SourceArn, TaskHandle string }

// queue is the name of the queue; its Queue is "" if there is none.
func (b subject) queue(ns namespace) engine.Name {
	arn := b.SourceArn
	if _, source, ok := parseTaskHandle(b.TaskHandle); ok {
		arn = source
	}
	if n, ok := engine.ParseARN(arn); ok {
		return n
	}
	if b.QueueName != "" {
		return engine.Name{Account: ns.Account, Region: ns.Region, Queue: b.QueueName}
	}
	return ns.name(b.QueueUrl)
}

// subjectOf reads it from an input of the SDK.
func subjectOf(in any) (b subject) {
	from, to := reflect.ValueOf(in).Elem(), reflect.ValueOf(&b).Elem()
	for i := range to.NumField() {
		if p, ok := member(from, to.Type().Field(i).Name); ok {
			to.Field(i).SetString(p)
		}
	}
	return b
}

func member(from reflect.Value, name string) (string, bool) {
	v := from.FieldByName(name)
	if !v.IsValid() {
		return "", false
	}
	p, ok := v.Interface().(*string)
	if !ok || p == nil {
		return "", false
	}
	return *p, true
}

// subject reads it from the request, which is to be decoded once more. One that cannot
// be decoded is about nothing.
func (x *exchange) subject() (b subject) {
	_ = wire.Bind(slices.Clone(x.doc), []wire.Member{
		{Name: "QueueUrl", To: &b.QueueUrl}, {Name: "QueueName", To: &b.QueueName},
		{Name: "SourceArn", To: &b.SourceArn}, {Name: "TaskHandle", To: &b.TaskHandle},
	}...)
	return b
}
