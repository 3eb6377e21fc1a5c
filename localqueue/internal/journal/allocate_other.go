//go:build !linux

package journal

import "errors"

// Allocate leaves it to writing zeros.
func (f file) Allocate(int64) error { return errors.ErrUnsupported }
