package journal

import (
	"os"
	"syscall"
)

// datasync asks the drive to empty its cache, which fsync on this system does not.
func datasync(f *os.File) error {
	return control(f, func(fd uintptr) error {
		_, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_FULLFSYNC, 0)
		if errno != 0 {
			return errno
		}
		return nil
	})
}
