package middleware

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"sync"
	"unicode/utf8"

	"github.com/quayside-go/quayside/internal/attr"
	"github.com/quayside-go/quayside/producer"
)

const (
	// DefaultMinSize is CompressOptions.MinSize unless set otherwise.
	DefaultMinSize = 1 << 10
	// DefaultMaxSize is DecompressOptions.MaxSize unless set otherwise. [Compress]
	// leaves larger bodies as they are.
	DefaultMaxSize = 16 << 20
)

// codecGzip is the value of the attribute attr.Codec.
const codecGzip = "gzip"

// codecCost is what the attribute adds to the size of a message: name, type and value.
const codecCost = len(attr.Codec) + len("String") + len(codecGzip)

// CompressOptions are what Compress's functions may change.
type CompressOptions struct {
	// MinSize is how many bytes a body must have to be compressed. Default, and
	// meaning of 0: DefaultMinSize.
	MinSize int

	// Level is how hard to try, from gzip.BestSpeed to gzip.BestCompression. Any other
	// makes Send fail. Default, and meaning of 0: gzip.DefaultCompression.
	Level int
}

// Compress makes the bodies of large messages smaller; [Decompress] is the other end. A
// body that is compressed is the base64 (standard alphabet, padded, in one line) of a
// gzip stream of the text in UTF-8, and the message has the attribute "Quayside.Codec",
// a String, with the value "gzip". In Python:
//
//	body = m["Body"]  # received with MessageAttributeNames=["All"]
//	if m.get("MessageAttributes", {}).get("Quayside.Codec", {}).get("StringValue") == "gzip":
//	    body = gzip.decompress(base64.b64decode(body)).decode()
//
// A message is sent as it is if its body is smaller than MinSize or larger than
// DefaultMaxSize, if it would not get smaller, the attribute included, if there is no
// room for the attribute, if it has that attribute already, or if the body is not UTF-8,
// which Send refuses.
//
// The same body makes the same stream, but perhaps not with another Level or version of
// Go: a FIFO queue that makes deduplication ids of contents sees the compressed one.
func Compress(opts ...func(*CompressOptions)) producer.Middleware {
	o := CompressOptions{MinSize: DefaultMinSize, Level: gzip.DefaultCompression}
	for _, f := range opts {
		if f != nil {
			f(&o)
		}
	}
	if o.MinSize == 0 {
		o.MinSize = DefaultMinSize
	}
	if o.Level == 0 {
		o.Level = gzip.DefaultCompression
	}
	_, err := gzip.NewWriterLevel(io.Discard, o.Level)
	if err != nil || o.Level == gzip.HuffmanOnly {
		err = fmt.Errorf("middleware: Compress: Level is %d, want %d to %d", o.Level, gzip.BestSpeed, gzip.BestCompression)
	}
	c := &compressor{opts: o}
	return func(_ context.Context, m *producer.Message) (func(producer.Sent, error), error) {
		if err == nil {
			c.compress(m)
		}
		return nil, err
	}
}

type compressor struct {
	opts    CompressOptions
	writers sync.Pool // of *gzip.Writer
}

func (c *compressor) compress(m *producer.Message) {
	size := len(m.Body)
	if size < c.opts.MinSize || size <= codecCost || size > DefaultMaxSize || !utf8.ValidString(m.Body) {
		return
	}
	if _, there := m.Attributes[attr.Codec]; there {
		return
	}
	packed := c.gzip(m.Body)
	if base64.StdEncoding.EncodedLen(len(packed))+codecCost >= size {
		return
	}
	body := m.Body
	m.Body = base64.StdEncoding.EncodeToString(packed) // first: there may be no room for the attribute before
	if !m.SetAttribute(attr.Codec, codecGzip) {
		m.Body = body
	}
}

// gzip returns s as a gzip stream. Writing to memory does not fail.
func (c *compressor) gzip(s string) []byte {
	var b bytes.Buffer
	z, _ := c.writers.Get().(*gzip.Writer)
	if z == nil {
		z, _ = gzip.NewWriterLevel(&b, c.opts.Level) // a level that was checked
	} else {
		z.Reset(&b)
	}
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	z.Reset(io.Discard) // the pool holds on to no message
	c.writers.Put(z)
	return b.Bytes()
}
