package journal

import (
	"errors"
	"syscall"
)

const (
	errTooManyOpenFiles = syscall.Errno(4)
	errNotEnoughMemory  = syscall.Errno(8)
	errHandleDiskFull   = syscall.Errno(39)
	errDiskFull         = syscall.Errno(112)
)

// diskFull tells a disk without room from one that is broken.
func diskFull(err error) bool {
	return errors.Is(err, errDiskFull) || errors.Is(err, errHandleDiskFull) || errors.Is(err, syscall.ENOSPC)
}

// scarce tells a system that has no more open files, or no memory, to spare right now.
func scarce(err error) bool {
	return errors.Is(err, errTooManyOpenFiles) || errors.Is(err, errNotEnoughMemory) ||
		errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOMEM)
}
