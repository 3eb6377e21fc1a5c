package store

import (
	"math/rand/v2"
	"unsafe"
)

// BodySize is the size of a message in bytes.
const BodySize = 1 << 10

// pool is text without repetition. Bodies are parts of it that begin anywhere, so that two of them
// rarely have anything in common and none can be compressed by finding what stood before.
var pool = func() []byte {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	b := make([]byte, 4<<20)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = letters[r.Uint64()%64]
	}
	return b
}()

var text = unsafe.String(unsafe.SliceData(pool), len(pool)) // pool does not change

// bodies hands out bodies to one goroutine.
type bodies struct{ rng *rand.Rand }

func newBodies() bodies { return bodies{rand.New(rand.NewPCG(rand.Uint64(), 0))} }

func (b bodies) at() int { return b.rng.IntN(len(pool) - BodySize) }

// bytes is the next body. The caller does not change it.
func (b bodies) bytes() []byte {
	i := b.at()
	return pool[i : i+BodySize : i+BodySize]
}

// text is the next body.
func (b bodies) text() string {
	i := b.at()
	return text[i : i+BodySize]
}
