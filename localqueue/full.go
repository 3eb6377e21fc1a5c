package localqueue

import (
	"errors"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// fullError is ErrFull, in words for who has to make room.
type fullError struct {
	dir     string
	opening bool // nothing goes on by itself then
	err     error
}

func (e *fullError) Error() string { return "localqueue: " + e.text() }
func (e *fullError) Unwrap() error { return e.err }

// text is the error without the package's name.
func (e *fullError) text() string {
	if s := (*journal.Shortage)(nil); errors.As(e.err, &s) && e.opening {
		return "the log cannot grow: " + s.Unwrap().Error() + ": end that, then open it again"
	} else if s != nil {
		return "the log cannot grow: " + s.Unwrap().Error() + ": nothing has to be done but to end that"
	}
	of := "the disk"
	if e.dir != "" {
		of += " of " + e.dir
	}
	if e.opening {
		return "there is no room on " + of + ": make room there, then open it again"
	}
	return "there is no room on " + of + ": nothing has to be done but to make room there"
}

// unopened is how an error is told that kept the directory from being opened.
func (d *disk) unopened(err error) error {
	if errors.Is(err, ErrFull) {
		return &fullError{d.dir, true, err}
	}
	return d.broken(err)
}
