package localqueue

import (
	"math/bits"
	"sync"
)

// buffer is bytes that go back to a pool of their size when they are released. A
// nil one can be released.
type buffer struct{ b []byte }

// Sizes are powers of two, so that a long poll does not keep a large buffer for a
// small request.
const (
	minBits = 10 // 1 KB
	maxBits = 17 // 128 KB; larger ones are not kept
)

var pools [maxBits + 1]sync.Pool

// newBuffer returns an empty buffer for n bytes.
func newBuffer(n int) *buffer {
	k := max(bits.Len(uint(max(n, 1)-1)), minBits)
	if k > maxBits {
		return &buffer{make([]byte, 0, n)}
	}
	if b, ok := pools[k].Get().(*buffer); ok {
		return b
	}
	return &buffer{make([]byte, 0, 1<<k)}
}

func (b *buffer) release() {
	if b == nil {
		return
	}
	if poison { // whoever still looks at it shall notice
		b.b = b.b[:cap(b.b)]
		for i := range b.b {
			b.b[i] = 0xdd
		}
	}
	if k := bits.Len(uint(cap(b.b))) - 1; k >= minBits && k <= maxBits { // as many as fit
		b.b = b.b[:0]
		pools[k].Put(b)
	}
}

// bytes are those of b; none if it is nil.
func (b *buffer) bytes() []byte {
	if b == nil {
		return nil
	}
	return b.b
}
