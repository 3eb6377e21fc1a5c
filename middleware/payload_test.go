package middleware_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

// bodies is a store that fails on demand.
type bodies struct {
	name    string
	getting func(context.Context) error // may wait; nil: well
	reading io.Reader                   // what Get returns, if not nil, of unknown size
	size    int64                       // if not 0, what Get says
	ending  func(ctx context.Context, key string) error

	mu      sync.Mutex
	objects map[string]string
	open    int // readers not closed
	gets    int
}

// holding is a store named B.
func holding(objects map[string]string) *bodies { return &bodies{name: "B", objects: objects} }

func (s *bodies) Bucket() string { return s.name }

func (s *bodies) Put(_ context.Context, key string, body io.ReadSeeker, _ int64) error {
	b, err := io.ReadAll(body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[key] = string(b)
	return err
}

func (s *bodies) Get(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	if s.getting != nil {
		if err := s.getting(ctx); err != nil {
			return nil, 0, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gets++
	b, ok := s.objects[key]
	if !ok {
		return nil, 0, fmt.Errorf("%w: %q", payload.ErrNotFound, key)
	}
	s.open++
	r := &reader{Reader: bytes.NewReader([]byte(b)), of: s}
	if s.reading != nil {
		r.Reader = s.reading
		return r, -1, nil
	}
	if s.size != 0 {
		return r, s.size, nil
	}
	return r, int64(len(b)), nil
}

type reader struct {
	io.Reader
	of *bodies
}

func (r *reader) Close() error {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	r.of.open--
	return nil
}

func (s *bodies) Delete(ctx context.Context, key string) error {
	if s.ending != nil {
		if err := s.ending(ctx, key); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, key)
	return nil
}

func (s *bodies) keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.objects))
}

// closed fails the test if something that Get has returned was not closed.
func (s *bodies) closed(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open != 0 {
		t.Errorf("%d readers are not closed", s.open)
	}
}

// Bodies as the Amazon clients write them.
const (
	javaBody   = `["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"B","s3Key":"K"}]`
	pythonBody = `["software.amazon.payloadoffloading.PayloadS3Pointer", {"s3BucketName": "B", "s3Key": "K"}]`
	legacyBody = `["com.amazon.sqs.javamessaging.MessageS3Pointer", {"s3BucketName": "B", "s3Key": "K"}]`
)

func number(s string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: new("Number"), StringValue: &s}
}

// marked are the attributes of a message that points to something, and own of the sender's.
func marked(name string) attributes { return attributes{name: number("5"), "own": text("x")} }

func stream(o *middleware.PayloadOptions) { o.Stream = true }

// readAll reads what a handler is to read.
func readAll(ctx context.Context, m *worker.Message) (string, int64, error) {
	r, size, err := middleware.OpenPayload(ctx, m)
	if err != nil {
		return "", 0, err
	}
	b, err := io.ReadAll(r)
	return string(b), size, errors.Join(err, r.Close())
}

func TestPayload(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]worker.Message{
		"java":          {Body: javaBody, Attributes: marked("ExtendedPayloadSize")},
		"java's legacy": {Body: javaBody, Attributes: marked("SQSLargePayloadSize")},
		"python":        {Body: pythonBody, Attributes: marked("ExtendedPayloadSize")},
		"python legacy": {Body: legacyBody, Attributes: marked("SQSLargePayloadSize")},
	} {
		for _, streams := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, stream %v", name, streams), func(t *testing.T) {
				t.Parallel()
				m := m
				m.Type = "order"
				body, before := m.Body, maps.Clone(m.Attributes)
				s := holding(map[string]string{"K": "large"})
				broken := errors.New("broken")
				for _, after := range []func(){func() {}, func() { panic(broken) }} {
					called := false
					h := middleware.Payload(s, func(o *middleware.PayloadOptions) { o.Stream = streams }).Handler(
						worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
							called = true
							want := "large"
							if streams {
								want = ""
							}
							if m.Body != want || m.Type != "order" || !reflect.DeepEqual(m.Attributes, attributes{"own": text("x")}) {
								t.Errorf("the handler sees %q, type %q, %v", m.Body, m.Type, m.Attributes)
							}
							for range 2 {
								if got, size, err := readAll(ctx, m); got != "large" || size != 5 || err != nil {
									t.Errorf("it reads %q, size %d, %v", got, size, err)
								}
							}
							m.Body, m.Type, m.Attributes = "changed", "changed", nil
							after()
							return broken
						}))
					if panicked, err := handled(t.Context(), h, &m); err != broken && panicked != broken || !called {
						t.Errorf("Handle = %v, panic %v, called: %v", err, panicked, called)
					}
					if m.Body != body || m.Type != "order" || !reflect.DeepEqual(m.Attributes, before) {
						t.Errorf("the message is left with %q, %q, %v", m.Body, m.Type, m.Attributes)
					}
					if got, _, err := readAll(t.Context(), &m); got != body || err != nil {
						t.Errorf("afterwards it reads %q, %v", got, err)
					}
				}
				s.closed(t)
			})
		}
	}
}

// It is the attribute that says what is a pointer, not how the body looks.
func TestPayloadPasses(t *testing.T) {
	t.Parallel()
	s := holding(map[string]string{"K": "large"})
	m := &worker.Message{Body: javaBody, Attributes: attributes{"own": text("x")}}
	err := middleware.Payload(s, stream).Handler(worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
		got, size, err := readAll(ctx, m)
		if got != javaBody || m.Body != javaBody || size != int64(len(javaBody)) {
			t.Errorf("the handler sees %q, and reads %q, %d", m.Body, got, size)
		}
		return err
	})).Handle(t.Context(), m)
	if err != nil || s.gets != 0 {
		t.Errorf("Handle = %v, after %d requests", err, s.gets)
	}
}

var errBucket = errors.New("store: out of order")

func TestPayloadFails(t *testing.T) {
	t.Parallel()
	down := func(context.Context) error { return errBucket }
	for _, test := range []struct {
		name    string
		body    string
		store   *bodies
		options func(*middleware.PayloadOptions)
		want    string // in the error; "": it is handled
		outcome worker.Outcome
	}{
		{"no pointer", "text", holding(nil), nil, "the body is not a pointer", worker.DeadLettered},
		{"other bucket", strings.ReplaceAll(javaBody, `"B"`, `"C"`), holding(nil), nil, `points to bucket "C", which is not one of those allowed`, worker.DeadLettered},
		{"second store", strings.ReplaceAll(javaBody, `"B"`, `"C"`), holding(nil), func(o *middleware.PayloadOptions) {
			o.Stores = []payload.Store{nil, &bodies{name: "C", objects: map[string]string{"K": "large"}}}
		}, "", worker.Done},
		{"missing", javaBody, holding(nil), nil, "there is no such object", worker.Failed},
		{"missing, dead-letter", javaBody, holding(nil), func(o *middleware.PayloadOptions) { o.Missing = worker.DeadLetter }, "there is no such object", worker.DeadLettered},
		{"missing, discard", javaBody, holding(nil), func(o *middleware.PayloadOptions) { o.Missing = worker.Discard }, "there is no such object", worker.Discarded},
		{"store down", javaBody, &bodies{name: "B", getting: down}, func(o *middleware.PayloadOptions) { o.Missing = worker.Discard }, "out of order", worker.Failed},
		{"as large as may be", javaBody, holding(map[string]string{"K": "large"}), func(o *middleware.PayloadOptions) { o.MaxSize = 5 }, "", worker.Done},
		{"too large", javaBody, holding(map[string]string{"K": "large"}), func(o *middleware.PayloadOptions) { o.MaxSize = 4 }, "larger than MaxSize, 4 bytes", worker.DeadLettered},
		{"too large, unknown", javaBody, &bodies{name: "B", objects: map[string]string{"K": ""}, reading: bottomless{}}, func(o *middleware.PayloadOptions) { o.MaxSize = 1 << 20 }, "larger than MaxSize, 1048576 bytes", worker.DeadLettered},
		{"size unknown", javaBody, &bodies{name: "B", objects: map[string]string{"K": ""}, reading: strings.NewReader("large")}, nil, "", worker.Done},
		{"short", javaBody, &bodies{name: "B", objects: map[string]string{"K": "large"}, size: 6}, nil, "5 of 6 bytes: unexpected EOF", worker.Failed},
		{"read fails", javaBody, &bodies{name: "B", objects: map[string]string{"K": ""}, reading: io.MultiReader(strings.NewReader("la"), failing{})}, nil, "out of order", worker.Failed},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			next, called := noCall(t), false
			if test.want == "" {
				next = worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
					called = m.Body == "large"
					return nil
				})
			}
			m := &worker.Message{Body: test.body, Attributes: marked("ExtendedPayloadSize")}
			h := middleware.Payload(test.store, nil, func(o *middleware.PayloadOptions) {
				if test.options != nil {
					test.options(o)
				}
			}).Handler(next)
			err := h.Handle(t.Context(), m)
			if worker.OutcomeOf(t.Context(), err) != test.outcome || called != (test.want == "") {
				t.Errorf("Handle = %v, want %v", err, test.outcome)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("Handle = %v, want %q", err, test.want)
			}
			if missing := strings.HasPrefix(test.name, "missing"); errors.Is(err, payload.ErrNotFound) != missing {
				t.Errorf("an ErrNotFound: %v", !missing)
			}
			if m.Body != test.body || len(m.Attributes) != 2 {
				t.Errorf("the message is left with %q, %v", m.Body, m.Attributes)
			}
			test.store.closed(t)
		})
	}
	err := middleware.Payload(nil).Handler(noCall(t)).Handle(t.Context(), &worker.Message{Body: javaBody, Attributes: marked("ExtendedPayloadSize")})
	if worker.OutcomeOf(t.Context(), err) != worker.Failed {
		t.Errorf("without a store, Handle = %v, want a failure", err)
	}
}

// A handler that streams sees what is wrong with the object when it opens it.
func TestPayloadStreamFails(t *testing.T) {
	t.Parallel()
	s := holding(nil)
	h := middleware.Payload(s, stream, func(o *middleware.PayloadOptions) { o.Missing = worker.Discard }).Handler(
		worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			_, _, err := readAll(ctx, m)
			return err
		}))
	m := &worker.Message{Body: javaBody, Attributes: marked("ExtendedPayloadSize")}
	if err := h.Handle(t.Context(), m); worker.OutcomeOf(t.Context(), err) != worker.Discarded {
		t.Errorf("missing: Handle = %v", err)
	}
	s.getting = func(context.Context) error { return errBucket }
	if err := h.Handle(t.Context(), m); !errors.Is(err, errBucket) || worker.Decides(err) {
		t.Errorf("store down: Handle = %v", err)
	}
	// MaxSize is for bodies in memory.
	s.getting, s.objects = nil, map[string]string{"K": "large"}
	h = middleware.Payload(s, stream, func(o *middleware.PayloadOptions) { o.MaxSize = 1 }).Handler(
		worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			got, _, err := readAll(ctx, m)
			if got != "large" {
				t.Errorf("it reads %q", got)
			}
			return err
		}))
	if err := h.Handle(t.Context(), m); err != nil {
		t.Errorf("Handle = %v", err)
	}
}

type bottomless struct{}

func (bottomless) Read(p []byte) (int, error) { return len(p), nil }

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errBucket }
