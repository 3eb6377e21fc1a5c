package middleware

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// gunzipper is what is needed for one body, and reused.
type gunzipper struct {
	packed bytes.Reader // a ByteReader, so that z reads no further than its stream
	z      gzip.Reader
	buffer [16 << 10]byte
}

var gunzippers = sync.Pool{New: func() any { return new(gunzipper) }}

// gunzip returns the text in body, the base64 of one gzip stream. It stops when that
// turns out to be larger than maxSize bytes.
func gunzip(body string, maxSize int) (string, error) {
	packed, err := base64.StdEncoding.DecodeString(body)
	if err != nil {
		return "", fmt.Errorf("the body: %w", err)
	}
	g := gunzippers.Get().(*gunzipper)
	defer gunzippers.Put(g)
	g.packed.Reset(packed)
	defer g.packed.Reset(nil) // the pool holds on to no message
	if err := g.z.Reset(&g.packed); err != nil {
		return "", fmt.Errorf("the body: %w", short(err))
	}
	g.z.Multistream(false)
	var text strings.Builder
	n, err := io.CopyBuffer(&text, io.LimitReader(&g.z, int64(maxSize)+1), g.buffer[:])
	switch {
	case err != nil:
		return "", fmt.Errorf("the body: %w", short(err))
	case n > int64(maxSize):
		return "", fmt.Errorf("the body is larger than MaxSize, %d bytes", maxSize)
	case g.packed.Len() > 0:
		return "", fmt.Errorf("the body has %d bytes behind the gzip stream", g.packed.Len())
	case !utf8.ValidString(text.String()):
		return "", errors.New("the body is not UTF-8")
	}
	return text.String(), nil
}

// short makes an end where there should be none an error of its own.
func short(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
