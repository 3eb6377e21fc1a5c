//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly || windows)

package journal

import (
	"errors"
	"os"
)

// takeLock refuses: two processes in one directory would destroy it.
func takeLock(path string) (*os.File, error) {
	return nil, &os.PathError{Op: "lock", Path: path, Err: errors.ErrUnsupported}
}

func takeLockAsIs(path string) (*os.File, error) { return takeLock(path) }

func pidFile(_ string, held *os.File, _ bool) (*os.File, error) { return held, nil }

func syncNames(held *os.File) error { return held.Sync() }
