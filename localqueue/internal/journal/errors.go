package journal

import (
	"errors"
	"fmt"
)

var (
	// ErrFull says that the disk has no room. The log stays usable and goes on by
	// itself when there is room again. From Admit and Append: nothing was appended.
	// From Wait and Await: the record had not reached the disk when the answer was given; it still stands
	// in its place in the log and is written as soon as there is room, unless the
	// process ends before.
	ErrFull = errors.New("the disk is full: free some space, and the journal goes on by itself")
	// ErrClosed is the error of a log that was closed.
	ErrClosed = errors.New("the journal is closed")
	// ErrTooLong says that a record does not fit a segment.
	ErrTooLong = errors.New("the record is longer than a segment of the journal can hold")
	// ErrDropped says that a record was to be read from a segment that is no more.
	ErrDropped = errors.New("the segment was dropped")
)

// syncError is a failed sync that is never taken for a full disk, even if it says
// so: what it left on the disk is not known, and it is not tried twice.
type syncError struct {
	what string
	err  error
}

func (e *syncError) Error() string { return "sync " + e.what + ": " + e.err.Error() }
func (e *syncError) Unwrap() error { return e.err }

// heals reports whether err is a disk that is full, or a system that has something else
// to spare no more, and nothing worse: it can be tried again.
func heals(err error) bool {
	return (diskFull(err) || scarce(err)) && !errors.As(err, new(*syncError))
}

// Shortage is a lack of something other than room on the disk. It is an ErrFull, for
// those who are refused can do the same about it.
type Shortage struct{ err error }

func (e *Shortage) Error() string {
	return "no segment can be made until this ends: " + e.err.Error()
}
func (e *Shortage) Unwrap() error        { return e.err }
func (e *Shortage) Is(target error) bool { return target == ErrFull }

// noted adds what a full disk means to an error that says so.
func noted(err error) error {
	if heals(err) && diskFull(err) {
		return fmt.Errorf("%w (%w)", ErrFull, err)
	}
	return err
}

// DamageError says that bytes are not what was written and cannot be given up as
// an unfinished tail, because later ones were written after they were known to be
// on the disk. Nothing was changed.
type DamageError struct {
	File   string
	Pos    Pos
	Reason string
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("journal damaged: %s at byte %d: %s", e.File, e.Pos.Offset, e.Reason)
}
