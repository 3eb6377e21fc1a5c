package engine

import (
	"testing"
	"unsafe"
)

// TestSlotSize holds the size that the documentation names and that fills pages.
func TestSlotSize(t *testing.T) {
	t.Parallel()
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("sizes differ on 32-bit systems")
	}
	if n := unsafe.Sizeof(slot{}); n != 88 {
		t.Errorf("a slot has %d bytes, want 88", n)
	}
}
