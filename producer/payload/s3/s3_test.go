package s3_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/producer/payload/s3"
)

// bucket is as much of S3 as a Store needs, with paths for names.
type bucket struct {
	mu      sync.Mutex
	objects map[string][]byte
	fails   string // if not empty, the code of the next error
	busy    int    // requests that are told to come again
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	defer b.mu.Unlock()
	refuse := func(status int, code string) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>told so</Message></Error>", code)
	}
	object, there := b.objects[r.URL.Path]
	switch {
	case b.busy > 0:
		b.busy--
		refuse(http.StatusServiceUnavailable, "SlowDown")
	case b.fails != "":
		refuse(http.StatusForbidden, b.fails)
	case r.Method == http.MethodPut:
		b.objects[r.URL.Path] = body
	case r.Method == http.MethodDelete:
		delete(b.objects, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodGet && there:
		w.Write(object)
	case r.Method == http.MethodGet:
		refuse(http.StatusNotFound, "NoSuchKey")
	}
}

func open(t *testing.T) (*s3.Store, *bucket) {
	t.Helper()
	b := &bucket{objects: make(map[string][]byte)}
	return s3.New(awss3.New(awss3.Options{
		Region: "us-east-1", Credentials: aws.CredentialsProviderFunc(someone),
		BaseEndpoint: aws.String("https://s3.example"), UsePathStyle: true,
		HTTPClient: doer(func(r *http.Request) (*http.Response, error) {
			if err := r.Context().Err(); err != nil {
				return nil, err
			}
			w := httptest.NewRecorder()
			if r.Body == nil {
				r.Body = http.NoBody
			}
			b.ServeHTTP(w, r)
			return w.Result(), nil
		}),
	}), "my-bucket"), b
}

func someone(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
}

type doer func(*http.Request) (*http.Response, error)

func (f doer) Do(r *http.Request) (*http.Response, error) { return f(r) }

func get(ctx context.Context, s payload.Store, key string) (string, error) {
	r, size, err := s.Get(ctx, key)
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err == nil && size >= 0 && int64(len(b)) != size {
		err = fmt.Errorf("%d bytes, and Get says %d", len(b), size)
	}
	return string(b), err
}

func TestStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testStore) // the SDK waits before it tries again
}

func testStore(t *testing.T) {
	s, b := open(t)
	const body = "snow ☃"
	b.busy = 1 // the body is read twice
	if err := s.Put(t.Context(), "a/key", strings.NewReader(body), int64(len(body))); err != nil {
		t.Fatal(err)
	}
	if stored := b.objects["/my-bucket/a/key"]; s.Bucket() != "my-bucket" || !bytes.Contains(stored, []byte(body)) {
		t.Errorf("%s holds %q", s.Bucket(), b.objects)
	}
	b.objects["/my-bucket/a/key"] = []byte(body) // without the frames of checksums
	if got, err := get(t.Context(), s, "a/key"); got != body || err != nil {
		t.Errorf("Get = %q, %v", got, err)
	}
	for range 2 {
		if err := s.Delete(t.Context(), "a/key"); err != nil || len(b.objects) != 0 {
			t.Errorf("Delete = %v, and leaves %q", err, b.objects)
		}
	}
	if _, err := get(t.Context(), s, "a/key"); !errors.Is(err, payload.ErrNotFound) || !strings.Contains(err.Error(), `get "a/key" in bucket "my-bucket"`) {
		t.Errorf("Get = %v, want an ErrNotFound", err)
	}
}

func TestStoreFails(t *testing.T) {
	t.Parallel()
	s, b := open(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		ctx  context.Context
		code string
		is   func(error) bool
	}{
		{t.Context(), "AccessDenied", func(err error) bool {
			var api smithy.APIError
			return errors.As(err, &api) && api.ErrorCode() == "AccessDenied"
		}},
		{t.Context(), "NoSuchBucket", func(err error) bool { return strings.Contains(err.Error(), "NoSuchBucket") }},
		{gone, "", func(err error) bool { return errors.Is(err, context.Canceled) }},
	} {
		b.fails = test.code
		_, err := get(test.ctx, s, "key")
		for what, err := range map[string]error{
			"get": err, "put": s.Put(test.ctx, "key", strings.NewReader("x"), 1), "delete": s.Delete(test.ctx, "key"),
		} {
			if err == nil || !test.is(err) || errors.Is(err, payload.ErrNotFound) || !strings.Contains(err.Error(), what+` "key" in bucket`) {
				t.Errorf("%s, %q: %v", what, test.code, err)
			}
		}
	}
}
