//go:build !windows && !plan9

package journal

import (
	"errors"
	"syscall"
)

// diskFull tells a disk without room, or a user without quota, from a disk that is
// broken.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// scarce tells a system that has no more open files, or no memory, to spare right now.
func scarce(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOMEM)
}
