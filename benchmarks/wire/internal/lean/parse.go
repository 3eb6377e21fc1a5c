package lean

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// maxReply bounds what a server may announce: ten messages of the largest size, and then some.
const maxReply = 64 << 20

var errMalformed = errors.New("the reply is not HTTP/1.1 as this client reads it")

// head is what the client has to know of a reply's head.
type head struct {
	status  int
	length  int // Content-Length, -1 without one
	chunked bool
	closes  bool // the server ends the connection after it
}

// parse reads a reply from the start of b. size is how many bytes it takes, 0 when b does not hold all
// of it yet. The body of a chunked reply is moved together within b, which therefore is changed, but
// only once the reply is complete.
func parse(b []byte) (reply Reply, size int, err error) {
	h, at, err := parseHead(b)
	if err != nil || at == 0 {
		return Reply{}, 0, err
	}
	switch {
	case h.chunked:
		body, n, err := dechunk(b[at:])
		if err != nil || n == 0 {
			return Reply{}, 0, err
		}
		return Reply{h.status, body, h.closes}, at + n, nil
	case h.length < 0:
		return Reply{}, 0, fmt.Errorf("%w: neither its length nor chunks are announced", errMalformed)
	case len(b)-at < h.length:
		return Reply{}, 0, nil
	}
	end := at + h.length
	return Reply{h.status, b[at:end], h.closes}, end, nil
}

// parseHead reads a status line and headers. n is their length with the empty line that ends them, 0
// when that has not come yet.
func parseHead(b []byte) (h head, n int, err error) {
	h.length = -1
	for first := true; ; first = false {
		i := bytes.IndexByte(b[n:], '\n')
		if i < 0 {
			return h, 0, nil
		}
		line := bytes.TrimSuffix(b[n:n+i], []byte{'\r'})
		n += i + 1
		switch {
		case first:
			if h.status, err = status(line); err != nil {
				return h, 0, err
			}
		case len(line) == 0:
			return h, n, nil
		default:
			if err := h.field(line); err != nil {
				return h, 0, err
			}
		}
	}
}

// status reads "HTTP/1.1 200 OK".
func status(line []byte) (int, error) {
	rest, ok := bytes.CutPrefix(line, []byte("HTTP/1.1 "))
	if !ok || len(rest) < 3 || len(rest) > 3 && rest[3] != ' ' {
		return 0, fmt.Errorf("%w: status line %q", errMalformed, line)
	}
	code, err := strconv.Atoi(string(rest[:3]))
	if err != nil || code < 200 {
		return 0, fmt.Errorf("%w: status line %q", errMalformed, line)
	}
	return code, nil
}

// field takes what the client has to know from one header.
func (h *head) field(line []byte) error {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 {
		return fmt.Errorf("%w: header %q", errMalformed, line)
	}
	name, value := line[:colon], bytes.TrimSpace(line[colon+1:])
	switch {
	case colon == len("Content-Length") && bytes.EqualFold(name, []byte("Content-Length")):
		n, err := strconv.ParseUint(string(value), 10, 31)
		if err != nil || n > maxReply {
			return fmt.Errorf("%w: header %q", errMalformed, line)
		}
		h.length = int(n)
	case colon == len("Transfer-Encoding") && bytes.EqualFold(name, []byte("Transfer-Encoding")):
		if !bytes.EqualFold(value, []byte("chunked")) {
			return fmt.Errorf("%w: header %q", errMalformed, line)
		}
		h.chunked = true
	case colon == len("Connection") && bytes.EqualFold(name, []byte("Connection")):
		h.closes = bytes.EqualFold(value, []byte("close"))
	}
	return nil
}
