package journal

import (
	"os"
	"syscall"
)

// Allocate makes extents that count as unwritten: they read as zeros.
func (f file) Allocate(size int64) error {
	err := control(f.File, func(fd uintptr) error { return syscall.Fallocate(int(fd), 0, 0, size) })
	if err != nil {
		return &os.PathError{Op: "allocate", Path: f.Name(), Err: err}
	}
	return nil
}
