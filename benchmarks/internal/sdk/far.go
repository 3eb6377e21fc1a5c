package sdk

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/quayside-go/quayside/sqshttp"
)

// Far returns an HTTP client each of whose requests takes d longer: half of it passes before the request is sent,
// and half before the reply is handed over. With 0 nothing is delayed.
func Far(d time.Duration) *sqshttp.Client {
	return sqshttp.New(func(o *sqshttp.Options) {
		if d > 0 {
			o.Transport = Delayed(o.Transport, d)
		}
	})
}

// Delayed returns over with that delay.
func Delayed(over http.RoundTripper, d time.Duration) http.RoundTripper { return &delayed{over, d / 2} }

// delayed is a transport to a server that is far away: each way takes so long.
type delayed struct {
	http.RoundTripper
	by time.Duration
}

// RoundTrip delays r, and then its reply.
func (t *delayed) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := Rest(r.Context(), t.by); err != nil {
		closeBody(r.Body)
		return nil, err
	}
	reply, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := Rest(r.Context(), t.by); err != nil {
		closeBody(reply.Body)
		return nil, err
	}
	return reply, nil
}

// CloseIdleConnections closes those of the transport beneath.
func (t *delayed) CloseIdleConnections() {
	if c, ok := t.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func closeBody(b io.Closer) {
	if b != nil {
		_ = b.Close() // nothing was read of it, and nothing will be
	}
}

// Rest waits for d, or until ctx is done and then returns its error.
func Rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
