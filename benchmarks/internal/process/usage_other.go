//go:build !linux

package process

import (
	"errors"
	"fmt"
	"time"
)

var errLinux = fmt.Errorf("processor time and memory of a process are read on Linux only: %w", errors.ErrUnsupported)

// CPU is not known on this system.
func (p *Process) CPU() (time.Duration, error) { return 0, errLinux }

// CPU is not known on this system.
func CPU(int) (time.Duration, error) { return 0, errLinux }

// Memory is not known on this system.
func (p *Process) Memory() (now, peak int64, err error) { return 0, 0, errLinux }
