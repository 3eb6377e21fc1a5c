package lean

import (
	"bytes"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		in     string
		status int
		body   string
		whole  bool
		left   int // bytes behind the reply
		fails  bool
	}{
		{name: "nothing"},
		{name: "half a status line", in: "HTTP/1.1 2"},
		{name: "half a head", in: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"},
		{name: "half a body", in: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"},
		{name: "whole", in: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", status: 200, body: "ab", whole: true},
		{name: "no body", in: "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", status: 200, whole: true},
		{name: "an error", in: "HTTP/1.1 400 Bad Request\r\nDate: x\r\nCONTENT-LENGTH:  1 \r\n\r\n!", status: 400, body: "!", whole: true},
		{name: "no reason", in: "HTTP/1.1 500\r\nContent-Length: 0\r\n\r\n", status: 500, whole: true},
		{name: "bare line feeds", in: "HTTP/1.1 200 OK\nContent-Length: 1\n\nx", status: 200, body: "x", whole: true},
		{name: "more than one", in: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP", status: 200, body: "x", whole: true, left: 4},
		{name: "chunks", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\na;x=y\r\n0123456789\r\n0\r\n\r\n", status: 200, body: "ab0123456789", whole: true},
		{name: "an empty chunked body", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", status: 200, whole: true},
		{name: "chunks to come", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"},
		{name: "another protocol", in: "SSH-2.0-x\r\n", fails: true},
		{name: "HTTP/1.0", in: "HTTP/1.0 200 OK\r\n", fails: true},
		{name: "no number", in: "HTTP/1.1 2x0 OK\r\n", fails: true},
		{name: "four digits", in: "HTTP/1.1 2000 OK\r\n", fails: true},
		{name: "a reply before the reply", in: "HTTP/1.1 100 Continue\r\n", fails: true},
		{name: "no length", in: "HTTP/1.1 200 OK\r\n\r\n", fails: true},
		{name: "a negative length", in: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", fails: true},
		{name: "too long", in: "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", fails: true},
		{name: "no header", in: "HTTP/1.1 200 OK\r\nhello\r\n", fails: true},
		{name: "another coding", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n", fails: true},
		{name: "no chunk size", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n", fails: true},
		{name: "a chunk too long", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", fails: true},
	} {
		reply, size, err := parse([]byte(c.in))
		if (err != nil) != c.fails {
			t.Errorf("%s: error %v", c.name, err)
			continue
		}
		want := 0
		if c.whole {
			want = len(c.in) - c.left
		}
		if reply.Status != c.status || string(reply.Body) != c.body || size != want {
			t.Errorf("%s: status %d, body %q, size %d; want %d, %q, %d", c.name, reply.Status, reply.Body, size, c.status, c.body, want)
		}
	}
}

// A reply comes in pieces of any size.
func TestParseEveryPrefix(t *testing.T) {
	t.Parallel()
	for _, whole := range []string{
		"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 12\r\n\r\nabcdef\r\n\r\nxy",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n4\r\n\r\n\r\n\r\n2\r\nxy\r\n0\r\n\r\n",
	} {
		buf := []byte(whole)
		for n := range whole {
			if _, size, err := parse(buf[:n]); size != 0 || err != nil {
				t.Fatalf("after %d of %d bytes: size %d, error %v", n, len(whole), size, err)
			}
		}
		reply, size, err := parse(buf)
		if err != nil || size != len(whole) || string(reply.Body) != "abcdef\r\n\r\nxy" {
			t.Errorf("body %q, size %d of %d, error %v", reply.Body, size, len(whole), err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		reply, size, err := parse(bytes.Clone(in)) // it moves chunks, and in is the fuzzer's
		if err != nil && size != 0 {
			t.Errorf("an error and a size: %v, %d", err, size)
		}
		if size > len(in) || len(reply.Body) > size {
			t.Errorf("%d bytes of %d taken for a body of %d", size, len(in), len(reply.Body))
		}
	})
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want string
	}{
		{``, ``},
		{`{"QueueUrl":"http://h/1/q"}`, `http://h/1/q`},
		{`{"QueueUrl" : "a"}`, `a`},
		{`{"Messages":[{"QueueUrl":"a+/="},{"QueueUrl":"b"}]}`, `a+/= b`},
		{`{"QueueUrl":"a\"b\\"}`, `a\"b\\`},
		{`{"QueueUrls":["x"],"MyQueueUrl":"y","QueueUrl":null,"QueueUrl":"z"}`, `z`},
		{`{"QueueUrl":"open`, ``},
	} {
		var got []string
		for _, v := range Find(nil, []byte(c.in), "QueueUrl") {
			got = append(got, string(v))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("in %s: got %q, want %q", c.in, s, c.want)
		}
	}
}
