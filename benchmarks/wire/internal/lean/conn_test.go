package lean_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/benchmarks/wire/internal/lean"
)

// echo answers with what it was sent, in chunks where a query asks for it.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if r.Header.Get("X-Amz-Target") == "AmazonSQS.Flush" {
		for part := range bytes.SplitSeq(body, []byte{','}) {
			_, _ = w.Write(part)
			w.(http.Flusher).Flush()
		}
		return
	}
	w.WriteHeader(http.StatusTeapot)
	_, _ = w.Write(body)
}

func TestConn(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(echo))
	defer server.Close()
	addr := server.Listener.Addr().String()
	conn, err := lean.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Expire(10 * time.Second); err != nil {
		t.Fatal(err)
	}

	long := strings.Repeat("0123456789", 10_000)
	for _, c := range []struct {
		action, body, want string
		status             int
	}{
		{"Echo", "hello", "hello", 418},
		{"Echo", "", "", 418},
		{"Echo", long, long, 418},
		{"Flush", "a,bc,def", "abcdef", 200},
		{"Flush", long + "," + long, long + long, 200},
		{"Echo", "and again", "and again", 418},
	} {
		for _, sdk := range []bool{false, true} {
			request := lean.NewHead(addr, c.action, sdk).Append(nil, []byte(c.body))
			reply, err := conn.Do(request)
			if err != nil {
				t.Fatalf("%s %.20q: %v", c.action, c.body, err)
			}
			if reply.Status != c.status || string(reply.Body) != c.want {
				t.Errorf("%s %.20q: status %d, %d bytes %.20q", c.action, c.body, reply.Status, len(reply.Body), reply.Body)
			}
		}
	}
}

// A server may end the connection after every reply, if it says so.
func TestConnAgain(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(echo))
	server.Config.SetKeepAlivesEnabled(false)
	server.Start()
	defer server.Close()
	addr := server.Listener.Addr().String()
	conn, err := lean.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Expire(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	request := lean.NewHead(addr, "Echo", false).Append(nil, []byte("hello"))
	for i := range 3 {
		if i == 1 { // a reader may have to be there before
			if err := conn.Ready(); err != nil {
				t.Fatal(err)
			}
		}
		reply, err := conn.Do(request)
		if err != nil || string(reply.Body) != "hello" {
			t.Fatalf("request %d: %q, %v", i+1, reply.Body, err)
		}
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Do(request); err == nil {
		t.Error("a request was made after Close")
	}
}

func TestConnServerGone(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer server.Close()
	addr := server.Listener.Addr().String()
	conn, err := lean.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if reply, err := conn.Do(lean.NewHead(addr, "Echo", false).Append(nil, nil)); err == nil {
		t.Errorf("got %+v from a server that closed the connection", reply)
	}
}
