//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly || windows)

package journal

import (
	"errors"
	"os"
)

// takeLock refuses: two processes in one directory would destroy it.
func takeLock(root *os.Root) (*os.File, error) {
	return nil, &os.PathError{Op: "lock", Path: root.Name(), Err: errors.ErrUnsupported}
}

func takeLockAsIs(root *os.Root) (*os.File, error) { return takeLock(root) }

func pidFile(_ *os.Root, held *os.File, _ bool) (*os.File, error) { return held, nil }

func syncNames(held *os.File) error { return held.Sync() }
