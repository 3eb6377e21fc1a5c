package journal

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

const errSharingViolation = syscall.Errno(32)

// takeLock opens the file in a directory for writing and lets others read it only;
// closing it, or the end of the process, unlocks. No directory with an open file in it can
// be renamed, so the name will do.
func takeLock(root *os.Root) (*os.File, error) {
	return create(filepath.Join(root.Name(), lockName), syscall.GENERIC_READ|syscall.GENERIC_WRITE, syscall.OPEN_ALWAYS)
}

// takeLockAsIs is takeLock for a directory that is not to be written to; nobody else can
// open the file for writing then.
func takeLockAsIs(root *os.Root) (*os.File, error) {
	return create(filepath.Join(root.Name(), lockName), syscall.GENERIC_READ, syscall.OPEN_EXISTING)
}

func create(name string, access, mode uint32) (*os.File, error) {
	p, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(p, access, syscall.FILE_SHARE_READ, nil, mode, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errSharingViolation) {
		return nil, errHeld
	}
	if err != nil {
		return nil, &os.PathError{Op: "lock", Path: name, Err: err}
	}
	return os.NewFile(uintptr(h), name), nil
}

// pidFile is what is locked.
func pidFile(_ *os.Root, held *os.File, _ bool) (*os.File, error) { return held, nil }

// syncNames does nothing: see syncDir.
func syncNames(*os.File) error { return nil }
