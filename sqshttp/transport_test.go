package sqshttp_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/sqshttp"
)

// TestTransportIdleConns has as many requests under way at once as there may be idle
// connections, twice: the second time no connection is opened.
func TestTransportIdleConns(t *testing.T) {
	t.Parallel()
	q := newQueue(sqshttp.IdleConns)
	defer q.Close()
	c := sqshttp.New()
	defer c.CloseIdleConnections()
	for round := range 2 {
		var wg sync.WaitGroup
		for range sqshttp.IdleConns {
			wg.Go(func() {
				if err := receiveTen(t.Context(), q.client(c)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if opened := q.opened.Load(); opened != sqshttp.IdleConns {
			t.Errorf("round %d: %d connections opened so far, want %d", round, opened, sqshttp.IdleConns)
		}
	}
}

// TestTransportHTTP1 offers HTTP/2, which is not to be taken.
func TestTransportHTTP1(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Proto)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	tr := sqshttp.NewTransport()
	tr.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	tr.TLSClientConfig.NextProtos = nil // as the transport would have it
	c := sqshttp.New(func(o *sqshttp.Options) { o.Transport = tr })
	defer c.CloseIdleConnections()

	resp, err := c.Do(post(t, srv.URL, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if proto, err := io.ReadAll(resp.Body); string(proto) != "HTTP/1.1" || err != nil {
		t.Errorf("spoke %q, %v", proto, err)
	}
}

// TestTransportLongPoll: the longest long poll is waited for, with some time to
// spare; a server that never answers is not.
func TestTransportLongPoll(t *testing.T) {
	t.Parallel()
	for answer, ok := range map[time.Duration]bool{
		20 * time.Second: true,
		29 * time.Second: true,
		31 * time.Second: false,
	} {
		t.Run(answer.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tr := sqshttp.NewTransport()
				tr.DialContext = func(context.Context, string, string) (net.Conn, error) {
					ours, theirs := net.Pipe()
					go answerAfter(theirs, answer)
					return ours, nil
				}
				c := sqshttp.New(func(o *sqshttp.Options) { o.Transport = tr })
				defer c.CloseIdleConnections()
				resp, err := c.Do(post(t, "http://slow", strings.NewReader("{}")))
				if (err == nil) != ok {
					t.Errorf("got error %v, want success: %v", err, ok)
				}
				if err == nil {
					resp.Body.Close()
				}
			})
		})
	}
}

// answerAfter reads what comes from conn until its other end is closed, and answers
// once, after d.
func answerAfter(conn net.Conn, d time.Duration) {
	defer conn.Close()
	timer := time.AfterFunc(d, func() { io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n") })
	defer timer.Stop()
	io.Copy(io.Discard, conn)
}
