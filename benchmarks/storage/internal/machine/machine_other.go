//go:build !linux

package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// errLinux says why something is not measured.
var errLinux = fmt.Errorf("this is known on Linux only: %w", errors.ErrUnsupported)

// Used is not known on this system.
func Used() (Usage, error) { return Usage{}, nil }

// Written is not known on this system.
func Written(string) (int64, error) { return 0, errLinux }

func resident() (now, peak int64, err error) { return 0, 0, errLinux }

// Datasync brings what was written to a file to the disk.
func Datasync(f *os.File) error { return f.Sync() }

func evict(*os.File) error { return errLinux }

func allocated(info fs.FileInfo) int64 { return info.Size() }

// InMemory is not known on this system.
func InMemory(string) bool { return false }
