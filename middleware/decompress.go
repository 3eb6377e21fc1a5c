package middleware

import (
	"context"
	"fmt"
	"maps"
	"math"

	"github.com/quayside-go/quayside/internal/attr"
	"github.com/quayside-go/quayside/worker"
)

// DecompressOptions are what Decompress's functions may change.
type DecompressOptions struct {
	// MaxSize is how many bytes a body may have once it is decompressed. Of a larger one
	// no more is read, and it takes at most some three times that in memory, however
	// large it would be. Default, and meaning of 0: DefaultMaxSize.
	MaxSize int
}

// Decompress undoes what [Compress] has done; other messages it lets through. What is
// inside of it sees the text in Body, and not the attribute "Quayside.Codec": text and
// attributes could be sent on as they are. When they have returned, the message is again
// as it was.
//
// A message goes the way of worker.DeadLetter, with an error that says why, if the
// attribute names a codec other than "gzip", or if the body is not the base64 of one
// whole gzip stream, has something behind it, is larger than MaxSize, or is not UTF-8.
func Decompress(opts ...func(*DecompressOptions)) worker.Middleware {
	o := DecompressOptions{MaxSize: DefaultMaxSize}
	for _, f := range opts {
		if f != nil {
			f(&o)
		}
	}
	if o.MaxSize <= 0 {
		o.MaxSize = DefaultMaxSize
	}
	o.MaxSize = min(o.MaxSize, math.MaxInt-1) // there is one more to see
	return func(next worker.Handler) worker.Handler {
		return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			codec, there := m.Attributes[attr.Codec]
			if !there {
				return next.Handle(ctx, m)
			}
			text, err := decompress(codec.StringValue, m.Body, o.MaxSize)
			if err != nil {
				return worker.DeadLetter(fmt.Errorf("decompress: %w", err))
			}
			inside := opened{text, m.Type, maps.Clone(m.Attributes)}
			delete(inside.attributes, attr.Codec)
			return inside.handle(ctx, m, next)
		})
	}
}

// decompress returns the text of a body of at most maxSize bytes.
func decompress(codec *string, body string, maxSize int) (string, error) {
	switch {
	case codec == nil:
		return "", fmt.Errorf("the attribute %s is not a String", attr.Codec)
	case *codec == codecGzip:
		return gunzip(body, maxSize)
	}
	return "", fmt.Errorf("the attribute %s names the codec %q, want %q", attr.Codec, *codec, codecGzip)
}
