package localqueue

import (
	"errors"
	"io"
	"net/http"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

// maxRequest bounds the body of a request: more than the largest batch takes even
// where every byte of it is escaped, and than ten messages of the largest size, which
// are refused in SQS's own words.
const maxRequest = 16 << 20

// read takes in the body, also of a GET, which should have none: net/http notices
// that a client hung up only once its request was read.
func (x *exchange) read() error {
	if x.r.Method != http.MethodPost && x.r.Method != http.MethodGet {
		x.w.Header().Set("Allow", "GET, POST")
		return engine.Errorf(wire.CodeBadMethod, "SQS is spoken by POST, or by GET in the Query protocol, not by %s.", x.r.Method)
	}
	err := error(errTooLarge)
	if x.r.ContentLength <= maxRequest {
		if x.body, err = readAll(x.r.Body, x.r.ContentLength); err == nil {
			return nil
		}
	}
	if errors.Is(err, errTooLarge) {
		// A client that is still sending would not see the answer.
		_, _ = io.CopyN(io.Discard, x.r.Body, maxDiscard)
		return err
	}
	return engine.Errorf(wire.CodeMalformedInput, "The request's body did not come in whole.")
}

// maxDiscard bounds what is read of a body after it was found too large.
const maxDiscard = 4 * maxRequest

// readAll reads a body of n bytes, or of unknown length if n < 0. Memory is taken
// as bytes come, not as they are announced.
func readAll(body io.Reader, n int64) (*buffer, error) {
	if n < 0 {
		n = maxRequest + 1
	}
	b := newBuffer(int(min(n, 1<<maxBits)))
	for {
		if len(b.b) == cap(b.b) {
			b.b = append(b.b, 0)[:len(b.b)]
		}
		k, err := body.Read(b.b[len(b.b):min(cap(b.b), int(n))])
		b.b = b.b[:len(b.b)+k]
		switch {
		case len(b.b) > maxRequest:
			err = errTooLarge
		case int64(len(b.b)) == n || err == io.EOF && n > maxRequest:
			return b, nil
		}
		if err != nil {
			b.release()
			return nil, err
		}
	}
}
