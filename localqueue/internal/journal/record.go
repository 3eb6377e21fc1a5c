package journal

import "fmt"

// Record is a body with its checksum.
type Record struct {
	body []byte
	head uint32
	sum  uint32
}

// Checked makes a record of body, which must stay as it is until Append has
// returned. Its first head bytes are what recovery needs of it: they go into the
// segment's footer, too, so the fewer the better; head may be 0. This is where the
// time for the checksum is spent: callers do it before they take a lock.
func Checked(body []byte, head int) Record {
	return Record{body, uint32(min(max(head, 0), len(body))), checksum(body)}
}

// Entry is a record as Open and Scan find it.
type Entry struct {
	Pos    Pos
	Length uint32 // of the body
	// Head has at least the record's head: from a footer no more than that, and the
	// whole body where the segment was read whole. It is only lent.
	Head []byte
}

// Span is what Read needs to find the record.
func (e Entry) Span() Span { return Span{e.Pos, e.Length} }

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

// Mode says what Wait is to wait for, and whose room a record takes.
type Mode uint8

// Synced and Reserve may be combined.
const (
	Written Mode = 0         // the operating system has it: kill -9 does not lose it, a power failure may
	Synced  Mode = 1 << iota // the disk has it (under Always; otherwise as Written)
	Reserve                  // nobody admitted it: it takes what is left, and is refused if that was promised to others
)
