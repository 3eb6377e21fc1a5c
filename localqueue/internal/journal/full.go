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
