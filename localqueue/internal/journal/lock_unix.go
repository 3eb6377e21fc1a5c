//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package journal

import (
	"errors"
	"os"
	"syscall"
)

// takeLock opens a directory and locks it; closing it, or the end of the process, unlocks.
func takeLock(root *os.Root) (*os.File, error) {
	f, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errHeld
	}
	return nil, &os.PathError{Op: "lock", Path: root.Name(), Err: err}
}

// takeLockAsIs is takeLock for a directory that is not to be written to.
func takeLockAsIs(root *os.Root) (*os.File, error) { return takeLock(root) }

// pidFile opens the file with the process id, and makes it if it is to.
func pidFile(root *os.Root, _ *os.File, create bool) (*os.File, error) {
	flag := os.O_RDWR
	if create {
		flag |= os.O_CREATE
	}
	return root.OpenFile(lockName, flag, 0o600)
}

// syncNames brings the names in a directory, which is open, to the disk.
func syncNames(held *os.File) error { return held.Sync() }
