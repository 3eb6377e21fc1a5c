package attr

import (
	"errors"
	"fmt"
)

// errUnsent marks errors, and adds no word to them.
var errUnsent = errors.New("")

// Unsent returns err, with its text, as the error of a message that has not been sent and
// never will be.
func Unsent(err error) error { return fmt.Errorf("%w%w", err, errUnsent) }

// IsUnsent reports whether err was made by Unsent, or holds one that was.
func IsUnsent(err error) bool { return errors.Is(err, errUnsent) }
