package middleware

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

const (
	// DefaultMaxPayload is PayloadOptions.MaxSize unless set otherwise.
	DefaultMaxPayload = 64 << 20
	// DefaultDeleteTimeout is PayloadOptions.DeleteTimeout unless set otherwise.
	DefaultDeleteTimeout = 2 * time.Second
)

// PayloadOptions are what Payload's functions may change.
type PayloadOptions struct {
	// Stores are further stores that messages may point to; pointers tell them apart by
	// their Bucket.
	Stores []payload.Store

	// MaxSize is how many bytes an object may have to become a Body. Of a larger one no
	// more is read; its message goes the way of worker.DeadLetter. As many handlers as run
	// can hold as much each. Default, and meaning of 0: DefaultMaxPayload.
	MaxSize int64

	// Stream leaves Body empty and has the handler read the object, of whatever size, by
	// [OpenPayload]. What further middleware would make of the body is left to the handler;
	// Decompress dead-letters the message.
	Stream bool

	// Missing makes the failure of a message whose object is not there: worker.DeadLetter
	// and worker.Discard are such functions. err is a payload.ErrNotFound. By default the
	// message fails with err itself, and comes back; the object does not. If the message
	// is a copy that SQS has delivered once more after it was done, or one that was sent
	// twice because the first reply was lost, that is why. Nil, which
	// would be a message done unseen, counts as err.
	Missing func(err error) error

	// OnError, if not nil, is told of objects that could not be deleted and stay. Many
	// goroutines may call it at once.
	OnError func(p payload.Pointer, err error)

	// DeleteTimeout is by how much deletes of objects may hold up Run when the worker has
	// stopped. Default, and meaning of 0: DefaultDeleteTimeout.
	DeleteTimeout time.Duration
}

// Payloads fetches the bodies of messages that are only pointers, as sent by
// payload.Offload or by the Amazon SQS Extended Client Libraries. It is made by [Payload].
type Payloads struct {
	opts   PayloadOptions
	stores map[string]payload.Store // by bucket

	mu     sync.Mutex
	sweeps map[*worker.Worker]*sweep
}

// Payload makes a Payloads for messages that point to s. Whoever may send to the queue can
// write a pointer, to any object of the store; with [Payloads.Worker] that is deleted once
// the message is done. So the store should be one for bodies alone, of senders that trust
// one another.
func Payload(s payload.Store, opts ...func(*PayloadOptions)) *Payloads {
	p := &Payloads{stores: make(map[string]payload.Store), sweeps: make(map[*worker.Worker]*sweep)}
	for _, f := range opts {
		if f != nil {
			f(&p.opts)
		}
	}
	if p.opts.MaxSize <= 0 {
		p.opts.MaxSize = DefaultMaxPayload
	}
	p.opts.MaxSize = min(p.opts.MaxSize, math.MaxInt-1) // there is one more to see
	if p.opts.DeleteTimeout <= 0 {
		p.opts.DeleteTimeout = DefaultDeleteTimeout
	}
	for _, s := range append([]payload.Store{s}, p.opts.Stores...) {
		if s != nil {
			p.stores[s.Bucket()] = s
		}
	}
	return p
}

// Handler is a worker.Middleware that gives next the message as it was sent: Body is what
// the store holds, and the attribute that marks a pointer is gone. When next has returned,
// the message is again as it was. Messages without the attribute pass as they are.
//
// A message goes the way of worker.DeadLetter, with an error that says why, if its body is
// not a pointer, if that leads to a bucket that is not one of the stores', or if the object
// is larger than MaxSize. Other errors of the store fail the message, which is tried again.
func (p *Payloads) Handler(next worker.Handler) worker.Handler {
	return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
		if !offloaded(m) {
			return next.Handle(ctx, m)
		}
		if len(p.stores) == 0 {
			return errors.New("middleware: Payload: it needs a Store")
		}
		o, err := p.locate(m.Body)
		if err != nil {
			return worker.DeadLetter(err)
		}
		m.SetValue(objectKey{p}, o)
		inside := opened{typ: m.Type, attributes: maps.Clone(m.Attributes)}
		delete(inside.attributes, payload.Attribute)
		delete(inside.attributes, payload.LegacyAttribute)
		if p.opts.Stream {
			before := m.Value(streamKey{})
			m.SetValue(streamKey{}, o)
			defer m.SetValue(streamKey{}, before)
			return inside.handle(ctx, m, next)
		}
		if inside.body, err = o.load(ctx); err != nil {
			return err
		}
		return inside.handle(ctx, m, next)
	})
}

// offloaded reports whether the body of m is a pointer.
func offloaded(m *worker.Message) bool {
	_, there := m.Attributes[payload.Attribute]
	_, legacy := m.Attributes[payload.LegacyAttribute]
	return there || legacy
}

// object is what a message points to.
type object struct {
	of      *Payloads
	store   payload.Store
	pointer payload.Pointer
	done    bool // what becomes of the message is such that the object is to be deleted with it
}

type (
	objectKey struct{ of *Payloads } // of the object that is to be deleted
	streamKey struct{}               // of that which OpenPayload opens
)

// locate finds what the body of a message points to.
func (p *Payloads) locate(body string) (*object, error) {
	at, err := payload.ParsePointer(body)
	if err != nil {
		return nil, err
	}
	s := p.stores[at.Bucket]
	if s == nil {
		return nil, fmt.Errorf("payload: the message points to bucket %q, which is not one of those allowed", at.Bucket)
	}
	return &object{of: p, store: s, pointer: at}, nil
}

// open returns the object, to be read.
func (o *object) open(ctx context.Context) (io.ReadCloser, int64, error) {
	body, size, err := o.store.Get(ctx, o.pointer.Key)
	if missing := o.of.opts.Missing; missing != nil && errors.Is(err, payload.ErrNotFound) {
		err = cmp.Or(missing(err), err)
	}
	return body, size, err
}

// load returns what the object holds.
func (o *object) load(ctx context.Context) (string, error) {
	body, size, err := o.open(ctx)
	if err != nil {
		return "", err
	}
	defer body.Close()
	most := o.of.opts.MaxSize
	var text strings.Builder
	n := size
	if size <= most {
		text.Grow(int(max(size, 0)))
		n, err = io.Copy(&text, io.LimitReader(body, most+1))
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("payload: read %q in %q: %w", o.pointer.Key, o.pointer.Bucket, err)
	case n > most:
		return "", worker.DeadLetter(fmt.Errorf("payload: %q in %q is larger than MaxSize, %d bytes", o.pointer.Key, o.pointer.Bucket, most))
	case size >= 0 && n != size:
		return "", fmt.Errorf("payload: read %q in %q: %d of %d bytes: %w", o.pointer.Key, o.pointer.Bucket, n, size, io.ErrUnexpectedEOF)
	}
	return text.String(), nil
}

// OpenPayload returns the body of m, to be read and then closed, and its size, -1 if that
// is not known: for handlers behind a Payload with [PayloadOptions].Stream. It can be
// called more than once. ctx is the handler's, and reading ends with it; an error, of
// OpenPayload or of reading, should be the handler's own. Of a message that has a Body, it
// reads that.
func OpenPayload(ctx context.Context, m *worker.Message) (io.ReadCloser, int64, error) {
	if o, ok := m.Value(streamKey{}).(*object); ok {
		return o.open(ctx)
	}
	return io.NopCloser(strings.NewReader(m.Body)), int64(len(m.Body)), nil
}
