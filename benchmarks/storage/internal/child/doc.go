// Package child runs a store in a process of its own, so that its processor time, its memory, the bytes
// that it writes and its garbage collector are its own, and so that it can crash. Commands go to the
// process's standard input and answers come from its standard output, both as JSON; a process whose input
// ends closes its store and ends.
package child

import (
	"time"

	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
)

// Argument makes a program be a child if it is its first argument: see Serve.
const Argument = "be-store"

// command is what a child is asked to do.
type command struct {
	Do       string // a key of actions
	Callers  int
	Batch    int
	Messages int
	For      time.Duration
	State    string
}

// answer is what it answers. The first answer comes without a command, once the store is open.
type answer struct {
	Error  string
	Spent  Spent
	Opened Opened
	Memory machine.Memory
	Addr   string
}

// Spent is what some calls took.
type Spent struct {
	Messages int           // moved
	Elapsed  time.Duration // from the first call's begin to the last one's end
	P50, P99 time.Duration // of a call
	CPU      time.Duration // the store's work in the background after the last call included; 0: not known
	Written  int64         // the same for the bytes that went to the disk, from whomever; 0: not known
}

// Opened is what the store said when it was open.
type Opened struct {
	Took     time.Duration
	Messages int
	Bytes    int64 // read; 0 where the store does not tell
}
