package worker

import (
	"testing"
	"unsafe"
)

// Up to 512 bytes an object with pointers has no header, and this one is in a size class
// without waste. One is made for each message.
func TestAMessageIsSmall(t *testing.T) {
	t.Parallel()
	if n := unsafe.Sizeof(Message{}); n > 512 {
		t.Errorf("a Message takes %d bytes, want at most 512", n)
	}
}
