package journal

import "fmt"

// Record is a body with its checksum.
type Record struct {
	body []byte
	sum  uint32
}

// Checked makes a record of body, which must stay as it is until Append has
// returned. This is where the time for the checksum is spent: callers do it before
// they take a lock.
func Checked(body []byte) Record { return Record{body, checksum(body)} }

// Pos is where a record stands: for ever, until its segment is dropped.
type Pos struct {
	Segment uint32
	Offset  uint32 // of its header, from the beginning of the segment
}

func (p Pos) String() string { return fmt.Sprintf("%s:%d", segmentName(p.Segment), p.Offset) }

// Span is a record for Read: where it stands and how long its body is.
type Span struct {
	Pos    Pos
	Length uint32
}

func (s Span) end() uint32 { return s.Pos.Offset + recordHeader + s.Length }

// Mode says what Wait is to wait for, and what room a record may take.
type Mode uint8

// Synced and Reserve may be combined.
const (
	Written Mode = 0         // the operating system has it: kill -9 does not lose it, a power failure may
	Synced  Mode = 1 << iota // the disk has it (under Always; otherwise as Written)
	Reserve                  // may use the room kept back for records that make room, such as deletes
)
