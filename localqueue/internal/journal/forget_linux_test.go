package journal_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

const canForget = true

// forget lets the system forget what it has of the files in path, which are synced, so
// that they are read from the disk.
func forget(b *testing.B, path string) {
	names, _ := filepath.Glob(filepath.Join(path, "*.log"))
	for _, n := range names {
		f, err := os.Open(n)
		if err != nil {
			b.Fatal(err)
		}
		const dontNeed = 4
		_, _, errno := syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, dontNeed, 0, 0)
		f.Close()
		if errno != 0 {
			b.Fatal(errno)
		}
	}
}
