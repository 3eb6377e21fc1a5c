//go:build !linux && !darwin

package journal

import "os"

// datasync is fsync here; on Windows that is FlushFileBuffers.
func datasync(f *os.File) error { return f.Sync() }
