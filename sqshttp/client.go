package sqshttp

import (
	"io"
	"net/http"
)

// Options are what New's functions may change. They are handed over filled with
// the defaults.
type Options struct {
	// Transport sends the requests and keeps the connections. Wrap it to trace or
	// measure requests, or replace it; a transport of your own should keep idle
	// connections for as many requests as are under way at once, and must wait
	// longer than 20 s for the header of a reply, which is how long SQS may hold a
	// long poll. Default, and meaning of nil: NewTransport().
	Transport http.RoundTripper
}

// Client sends the requests of an SQS client; it is what HTTPClient in sqs.Options
// asks for. Make it with [New]. It is safe for concurrent use.
type Client struct {
	http http.Client
}

// New returns a Client with connections of its own. A process needs one, whatever
// the number of SQS clients, regions and queues; a second one shares nothing with
// the first.
//
// A Client need not be closed: its idle connections close by themselves after
// 90 seconds, and it has no goroutines but theirs.
func New(opts ...func(*Options)) *Client {
	o := Options{Transport: NewTransport()}
	for _, f := range opts {
		f(&o)
	}
	if o.Transport == nil {
		o.Transport = NewTransport()
	}
	return &Client{http.Client{Transport: o.Transport, CheckRedirect: returnRedirect}}
}

// returnRedirect has redirects returned as they are. SQS sends none, and to follow
// one would carry a signed request to a host it was not signed for.
func returnRedirect(*http.Request, []*http.Request) error {
	return http.ErrUseLastResponse
}

// Do sends r and returns the reply once its header has arrived. As with
// [http.Client.Do] the caller closes the reply's Body; unlike there, redirects are
// not followed. It does not change r, and the request that is sent differs from it
// only in that its body, and what GetBody returns, has no methods but Read and
// Close. Errors are of type [*url.Error].
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	r = r.WithContext(r.Context()) // a copy, as r is the caller's
	r.Body = conceal(r.Body)
	if get := r.GetBody; get != nil {
		r.GetBody = func() (io.ReadCloser, error) {
			b, err := get()
			return conceal(b), err
		}
	}
	return c.http.Do(r)
}

// CloseIdleConnections closes the connections that no request uses at the moment,
// for an end without leftovers, as tests like it. The Client stays usable. If
// Options.Transport has no such method, this does nothing.
func (c *Client) CloseIdleConnections() {
	c.http.CloseIdleConnections()
}

// body has the Read and Close of a request body, and no other of its methods.
type body struct{ io.ReadCloser }

// conceal hides all methods of b but Read and Close. No body, nil or http.NoBody,
// is returned as it is: net/http tells it by comparison.
func conceal(b io.ReadCloser) io.ReadCloser {
	if b == nil || b == http.NoBody {
		return b
	}
	return body{b}
}
