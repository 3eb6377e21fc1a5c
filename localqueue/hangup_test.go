package localqueue_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/localqueue"
)

// TestHangUp closes the connection of a long poll: the message that comes
// afterwards is for somebody else, received once.
func TestHangUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.MustCreate("orders")
		server := serve(t, s)
		c := server.dial()
		c.write("POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\nContent-Length: 44\r\n\r\n" +
			`{"QueueUrl":"orders","WaitTimeSeconds":  20}`)
		synctest.Wait()
		_ = c.Close()
		synctest.Wait()
		raw(t, s, jsonCall("SendMessage", `{"QueueUrl":"orders","MessageBody":"hello"}`))
		synctest.Wait()
		if q := s.Stats()[0]; q.Visible != 1 || q.Received != 0 {
			t.Errorf("the message was handed to a client that had gone: %+v", q)
		}
	})
}

// TestReplyNotWritten gives the messages back at once.
func TestReplyNotWritten(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.MustCreate("orders")
	raw(t, s, jsonCall("SendMessage", `{"QueueUrl":"orders","MessageBody":"hello"}`))
	r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(`{"QueueUrl":"orders"}`))
	r.Header.Set("X-Amz-Target", "AmazonSQS.ReceiveMessage")
	s.ServeHTTP(&broken{http.Header{}, nil}, r)
	if q := s.Stats()[0]; q.Visible != 1 || q.InFlight != 0 || q.Received != 1 {
		t.Errorf("after a reply that could not be written: %+v", q)
	}
	a := raw(t, s, jsonCall("ReceiveMessage", `{"QueueUrl":"orders","MessageSystemAttributeNames":["ApproximateReceiveCount"]}`))
	if !strings.Contains(a.body, `"ApproximateReceiveCount":"2"`) {
		t.Errorf("the receive counts, as on SQS: %s", a.body)
	}
}

// broken is the connection of a client that has gone; meanwhile is called before
// the server learns of it.
type broken struct {
	header    http.Header
	meanwhile func()
}

func (b *broken) Header() http.Header { return b.header }
func (b *broken) WriteHeader(int)     {}
func (b *broken) Write([]byte) (int, error) {
	if b.meanwhile != nil {
		b.meanwhile()
	}
	return 0, errors.New("connection reset by peer")
}

// TestReplyNotWrittenForLong leaves alone what somebody else has received in the
// meantime.
func TestReplyNotWrittenForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.MustCreate("orders")
		raw(t, s, jsonCall("SendMessage", `{"QueueUrl":"orders","MessageBody":"hello"}`))
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(`{"QueueUrl":"orders","VisibilityTimeout":1}`))
		r.Header.Set("X-Amz-Target", "AmazonSQS.ReceiveMessage")
		s.ServeHTTP(&broken{http.Header{}, func() {
			time.Sleep(time.Second)
			raw(t, s, jsonCall("ReceiveMessage", `{"QueueUrl":"orders","VisibilityTimeout":600}`))
		}}, r)
		if q := s.Stats()[0]; q.Visible != 0 || q.InFlight != 1 || q.Received != 2 {
			t.Errorf("the second receiver lost its message: %+v", q)
		}
	})
}

// TestGoneBefore hands nothing to a client that hung up before it was served.
func TestGoneBefore(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.MustCreate("orders")
	raw(t, s, jsonCall("SendMessage", `{"QueueUrl":"orders","MessageBody":"hello"}`))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/", strings.NewReader(`{"QueueUrl":"orders"}`))
	r.Header.Set("X-Amz-Target", "AmazonSQS.ReceiveMessage")
	s.ServeHTTP(httptest.NewRecorder(), r)
	if q := s.Stats()[0]; q.Visible != 1 || q.Received != 0 {
		t.Errorf("handed to a client that had gone: %+v", q)
	}
}

// TestGoneMeanwhile gives back what was taken for a client that hung up before the
// reply was written.
func TestGoneMeanwhile(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.MustCreate("orders")
	raw(t, s, jsonCall("SendMessage", `{"QueueUrl":"orders","MessageBody":"hello"}`))
	ctx := &gone{Context: t.Context(), after: 1}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/", strings.NewReader(`{"QueueUrl":"orders"}`))
	r.Header.Set("X-Amz-Target", "AmazonSQS.ReceiveMessage")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if q := s.Stats()[0]; w.Body.Len() > 0 || q.Visible != 1 || q.Received != 1 {
		t.Errorf("%s; %+v", w.Body, q)
	}
}

// gone is a context that ends after it was asked so many times.
type gone struct {
	context.Context
	after int
}

func (g *gone) Err() error {
	if g.after--; g.after < 0 {
		return context.Canceled
	}
	return nil
}

// TestFlushFails does so where only the flush finds out: a small reply fits into
// net/http's buffer.
func TestFlushFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.MustCreate("orders")
		server := serve(t, s)
		c := server.dial()
		c.write("POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\nContent-Length: 44\r\n\r\n" +
			`{"QueueUrl":"orders","WaitTimeSeconds":  20}`)
		synctest.Wait()
		server.breakWrites()
		raw(t, s, jsonCall("SendMessage", `{"QueueUrl":"orders","MessageBody":"hello"}`))
		synctest.Wait()
		if q := s.Stats()[0]; q.Visible != 1 || q.InFlight != 0 || q.Received != 1 {
			t.Errorf("after a reply that could not be written: %+v", q)
		}
	})
}

// TestDrain answers the polls under way at once, and later ones too.
func TestDrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.MustCreate("orders")
		poll := jsonCall("ReceiveMessage", `{"QueueUrl":"orders","WaitTimeSeconds":20}`)
		start := time.Now()
		answers := make(chan answered, 1)
		go func() { answers <- raw(t, s, poll) }()
		synctest.Wait()
		s.Drain()
		if a := <-answers; a.body != "{}" {
			t.Errorf("the waiting poll: %d %s", a.status, a.body)
		}
		if a := raw(t, s, poll); a.body != "{}" {
			t.Errorf("a later poll: %d %s", a.status, a.body)
		}
		if d := time.Since(start); d != 0 {
			t.Errorf("they took %v", d)
		}
		if n := s.Stats()[0].EmptyReceives; n != 2 {
			t.Errorf("%d empty receives counted, want 2", n)
		}
	})
}

// TestClosedOverHTTP says that the server is stopping.
func TestClosedOverHTTP(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	_ = s.Close()
	if a := raw(t, s, jsonCall("ListQueues", `{}`)); a.status != http.StatusServiceUnavailable || a.header.Get("x-amzn-query-error") != "ServiceUnavailable;Receiver" {
		t.Errorf("%s", masked(a))
	}
}

// pipes is an http.Server over net.Pipe, which works in virtual time.
type pipes struct {
	t     *testing.T
	conns chan net.Conn
	made  []*pipe
}

func serve(t *testing.T, h http.Handler) *pipes {
	p := &pipes{t: t, conns: make(chan net.Conn)}
	server := &http.Server{Handler: h}
	done := make(chan error)
	go func() { done <- server.Serve(p) }()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return p
}

func (p *pipes) Accept() (net.Conn, error) {
	c, ok := <-p.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p *pipes) Close() error   { close(p.conns); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// peer is the other end of a connection; what comes is read and dropped.
type peer struct {
	net.Conn
	t *testing.T
}

func (p *pipes) dial() peer {
	near, far := net.Pipe()
	c := &pipe{Conn: far}
	p.made = append(p.made, c)
	p.conns <- c
	go func() { _, _ = io.Copy(io.Discard, bufio.NewReader(near)) }()
	return peer{near, p.t}
}

func (c peer) write(s string) {
	if _, err := io.WriteString(c, s); err != nil {
		c.t.Fatal(err)
	}
}

// pipe is the server's end; its writes can be made to fail.
type pipe struct {
	net.Conn
	broken bool
}

func (p *pipe) Write(b []byte) (int, error) {
	if p.broken {
		return 0, context.DeadlineExceeded
	}
	return p.Conn.Write(b)
}

func (p *pipes) breakWrites() {
	for _, c := range p.made {
		c.broken = true
	}
}

var _ http.Handler = (*localqueue.Server)(nil)
