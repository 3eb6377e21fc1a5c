package sqshttp_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/sqshttp"
)

// recorder is a transport that keeps the request it was given.
type recorder struct{ got *http.Request }

func (rt *recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	rt.got = r
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}, nil
}

// sent returns what r becomes on its way through a Client.
func sent(t *testing.T, r *http.Request) *http.Request {
	t.Helper()
	var rt recorder
	resp, err := sqshttp.New(func(o *sqshttp.Options) { o.Transport = &rt }).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return rt.got
}

func post(t *testing.T, url string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// fullBody has methods beyond those of a request body, and knows if it was closed.
type fullBody struct {
	*strings.Reader
	closed bool
}

func (b *fullBody) Close() error {
	b.closed = true
	return errors.New("closed by the test")
}

// onlyReadClose fails the test if b has methods that net/http or io would use.
func onlyReadClose(t *testing.T, b io.Reader) {
	t.Helper()
	if _, ok := b.(io.WriterTo); ok {
		t.Error("the body has WriteTo")
	}
	if _, ok := b.(io.Seeker); ok {
		t.Error("the body has Seek")
	}
	if _, ok := b.(interface{ Len() int }); ok {
		t.Error("the body has Len")
	}
}

func TestDoConcealsBody(t *testing.T) {
	t.Parallel()
	b := &fullBody{Reader: strings.NewReader("hello")}
	r := post(t, "http://localhost/", nil)
	r.Body, r.ContentLength = b, 5
	got := sent(t, r)

	onlyReadClose(t, got.Body)
	if text, err := io.ReadAll(got.Body); string(text) != "hello" || err != nil {
		t.Errorf("read %q, %v", text, err)
	}
	if err := got.Body.Close(); !b.closed || err == nil || err.Error() != "closed by the test" {
		t.Errorf("closed: %v, with error %v; want the body's own Close", b.closed, err)
	}
	if got.ContentLength != 5 {
		t.Errorf("ContentLength %d, want 5", got.ContentLength)
	}
	if got.GetBody != nil {
		t.Error("GetBody appeared")
	}
	if r.Body != b {
		t.Error("the caller's request was changed")
	}
}

func TestDoKeepsNoBody(t *testing.T) {
	t.Parallel()
	for _, want := range []io.ReadCloser{nil, http.NoBody} {
		r := post(t, "http://localhost/", nil)
		r.Body = want
		r.GetBody = func() (io.ReadCloser, error) { return want, nil }
		got := sent(t, r)
		if got.Body != want {
			t.Errorf("body %#v became %#v", want, got.Body)
		}
		if b, err := got.GetBody(); b != want || err != nil {
			t.Errorf("GetBody's %#v became %#v, %v", want, b, err)
		}
	}
}

func TestDoConcealsGetBody(t *testing.T) {
	t.Parallel()
	r := post(t, "http://localhost/", strings.NewReader("hello")) // has GetBody
	got := sent(t, r)
	for range 2 {
		b, err := got.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		onlyReadClose(t, b)
		if text, err := io.ReadAll(b); string(text) != "hello" || err != nil {
			t.Errorf("read %q, %v", text, err)
		}
	}

	broken := errors.New("no second copy")
	r.GetBody = func() (io.ReadCloser, error) { return nil, broken }
	if b, err := sent(t, r).GetBody(); b != nil || err != broken {
		t.Errorf("got %v, %v; want GetBody's own error", b, err)
	}
}

// TestDoOverTheWire sees what a server sees, with a nil Transport for the default.
func TestDoOverTheWire(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if string(text) != "hello" || err != nil || r.ContentLength != 5 || len(r.TransferEncoding) > 0 {
			t.Errorf("body %q, %v, Content-Length %d, Transfer-Encoding %q",
				text, err, r.ContentLength, r.TransferEncoding)
		}
		if enc := r.Header.Get("Accept-Encoding"); enc != "" {
			t.Errorf("Accept-Encoding %q, want none", enc)
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer srv.Close()
	c := sqshttp.New(func(o *sqshttp.Options) { o.Transport = nil })
	defer c.CloseIdleConnections()

	resp, err := c.Do(post(t, srv.URL, strings.NewReader("hello")))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("status %d, want the redirect itself", resp.StatusCode)
	}
}

func TestDoError(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(nil)
	srv.Close()
	resp, err := sqshttp.New().Do(post(t, srv.URL, strings.NewReader("hello")))
	if err == nil {
		resp.Body.Close()
	}
	if u, ok := errors.AsType[*url.Error](err); !ok || u.URL != srv.URL {
		t.Errorf("got %v, want a *url.Error for %s", err, srv.URL)
	}
}

func TestCloseIdleConnections(t *testing.T) {
	t.Parallel()
	q := newQueue(1)
	defer q.Close()
	c := sqshttp.New()
	defer c.CloseIdleConnections()
	for want := range int64(2) {
		if err := receiveTen(t.Context(), q.client(c)); err != nil {
			t.Fatal(err)
		}
		if opened := q.opened.Load(); opened != want+1 {
			t.Errorf("%d connections opened, want %d", opened, want+1)
		}
		c.CloseIdleConnections()
	}
}
