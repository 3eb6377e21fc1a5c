package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestPatience closes connections that pass their limits, and no others.
func TestPatience(t *testing.T) {
	t.Parallel()
	const get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
	for name, c := range map[string]struct {
		send  string
		limit time.Duration
	}{
		"nothing sent":  {"", newLimit},
		"half a head":   {"GET / HTTP/1.1\r\nHost:", newLimit},
		"another half":  {get + "GET / HTTP/1.1\r\nHost:", idleLimit},
		"half a body":   {"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf", requestLimit},
		"one request":   {get, idleLimit},
		"long requests": {get + get, 50*time.Second + idleLimit}, // each takes 25 s
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				p := newPatience(&oneConn{conn: far, closed: make(chan struct{})})
				ctx, cancel := context.WithCancel(t.Context())
				server := &http.Server{ConnState: p.state, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if _, err := io.ReadAll(r.Body); err == nil && name == "long requests" {
						time.Sleep(25 * time.Second)
					}
				})}
				swept, served := make(chan struct{}), make(chan struct{})
				go func() { p.run(ctx); close(swept) }()
				go func() { _ = server.Serve(p); close(served) }()
				start := time.Now()
				go io.WriteString(near, c.send)
				_, _ = io.Copy(io.Discard, bufio.NewReader(near)) // until the server closes
				if d := time.Since(start); d < c.limit || d > c.limit+2*sweepEvery {
					t.Errorf("closed after %v, want %v and at most two sweeps", d, c.limit)
				}
				cancel()
				_ = server.Close()
				<-swept
				<-served
				synctest.Wait()
				p.mu.Lock()
				defer p.mu.Unlock()
				if n := len(p.conns); n != 0 {
					t.Errorf("%d connections are still watched", n)
				}
			})
		})
	}
}

// oneConn accepts one connection.
type oneConn struct {
	conn   net.Conn
	closed chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *oneConn) Close() error   { close(l.closed); return nil }
func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }
