package yardstick

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Fixed returns a handler that reads the body and writes the fixed reply of the action. ReceiveMessage
// gets ten messages with bodies of that many bytes.
func Fixed(body int) http.Handler {
	r := newReplies(body)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		in, err := read(req)
		defer in.free()
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		write(w, r.plain(strings.TrimPrefix(req.Header.Get("X-Amz-Target"), "AmazonSQS.")))
	})
}

// buffer holds a request's body, and is used again for another's once it is freed.
type buffer struct{ bytes []byte }

var buffers = sync.Pool{New: func() any { return new(buffer) }}

func (b *buffer) free() { buffers.Put(b) }

// read reads the body whole, into a buffer that the caller frees, also after an error.
func read(req *http.Request) (*buffer, error) {
	b := buffers.Get().(*buffer)
	n := int(max(req.ContentLength, 0))
	if cap(b.bytes) < n {
		b.bytes = make([]byte, n)
	}
	b.bytes = b.bytes[:n]
	_, err := io.ReadFull(req.Body, b.bytes)
	return b, err
}

// Header values that are the same in every reply.
var (
	contentType  = []string{"application/x-amz-json-1.0"}
	requestIDOne = []string{requestID}
)

// write answers with status 200 and the headers that SQS sends.
func write(w http.ResponseWriter, body []byte) {
	h := w.Header()
	h["Content-Type"] = contentType
	h["X-Amzn-Requestid"] = requestIDOne
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	_, _ = w.Write(body) // the caller is gone
}
