package lean

import (
	"bytes"
	"fmt"
	"strconv"
)

// dechunk reads a chunked body from the start of b. size is how many bytes it takes, 0 when b does not
// hold all of it yet. It looks first whether all has come, and only then moves the chunks together at
// the start of b, so that an incomplete body can be read again.
func dechunk(b []byte) (body []byte, size int, err error) {
	size, err = chunks(b, func([]byte) {})
	if err != nil || size == 0 {
		return nil, 0, err
	}
	body = b[:0]
	if _, err := chunks(b, func(data []byte) { body = append(body, data...) }); err != nil {
		return nil, 0, err
	}
	return body, size, nil
}

// chunks calls each with the data of every chunk, in order. size is 0 when the last has not come yet.
// Trailers are not expected.
func chunks(b []byte, each func(data []byte)) (size int, err error) {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("\r\n"))
		if i < 0 {
			return 0, nil
		}
		digits, _, _ := bytes.Cut(b[at:at+i], []byte{';'})
		n, err := strconv.ParseUint(string(digits), 16, 31)
		if err != nil || n > maxReply {
			return 0, fmt.Errorf("%w: chunk size %q", errMalformed, digits)
		}
		at += i + 2
		if len(b)-at < int(n)+2 {
			return 0, nil
		}
		if string(b[at+int(n):at+int(n)+2]) != "\r\n" {
			return 0, fmt.Errorf("%w: a chunk is longer than it said", errMalformed)
		}
		each(b[at : at+int(n)])
		at += int(n) + 2
		if n == 0 {
			return at, nil
		}
	}
}
