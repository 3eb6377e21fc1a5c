package engine

// A message rests in a slot: fixed size and free of pointers, so that ten
// million of them cost the garbage collector nothing. Slots are addressed by
// number; 0 is no slot.
type slot struct {
	seq      uint64
	sent     Time
	due      Time     // delayed, in flight: the end of it; visible: since when
	md5      [16]byte // of the body; on disk see log.go
	where    ref
	wait     link   // in the list of its group or of visible messages, or in a pile's heap
	age      link   // in the order of retention; a stray keeps its heap position in age.prev
	pos      uint32 // position among the deadlines, or back link in a pile's heap
	first    uint32 // first receive, milliseconds after sent, plus firstBias; 0: never
	receives uint32
	group    uint32
	state    state
	flags    uint8
}

type link struct{ prev, next uint32 }

type state uint8

const (
	free state = iota
	delayed
	visible
	inFlight
)

const (
	flagChanged  = 1 << iota // visibility changed since the last receive
	flagMoved                // came by a redrive policy: see store.moved
	flagReturned             // visible, in the heap of its pile
	flagStray                // not in order of age: in the heap of ages
	flagAway                 // on disk: its record was written under another queue or number
)

const firstBias = 1 << 31

func (m *slot) setFirst(now Time) {
	if m.first == 0 {
		m.first = uint32(now/1e6-m.sent/1e6) + firstBias
	}
}

func (m *slot) firstReceive() Time {
	if m.first == 0 {
		return 0
	}
	return (m.sent/1e6 + int64(int32(m.first-firstBias))) * 1e6
}

// slots is a slab of slots in chunks, with a free list. A *slot stays where it is
// as long as the slab does.
type slots struct {
	first  *[firstSlots]slot // the lowest numbers, so that a queue of few messages stays small
	chunks []*[chunkSlots]slot
	used   uint32 // slots ever handed out, 0 included
	free   uint32 // head of the free list, linked by wait.next
	live   int
}

const (
	firstSlots = 64
	chunkBits  = 10 // 1,024 slots of 88 bytes fill 11 pages of 8 KB
	chunkSlots = 1 << chunkBits
)

func (t *slots) at(id uint32) *slot {
	if id < firstSlots {
		return &t.first[id]
	}
	return &t.chunks[id>>chunkBits][id%chunkSlots]
}

// alloc hands out a slot that the caller fills in whole.
func (t *slots) alloc() uint32 {
	t.live++
	if id := t.free; id != 0 {
		t.free = t.at(id).wait.next
		return id
	}
	switch {
	case t.used == 0:
		t.first = new([firstSlots]slot)
		t.used = 1 // slot 0 is nobody
	case t.used == firstSlots, t.used%chunkSlots == 0:
		t.chunks = append(t.chunks, new([chunkSlots]slot))
	}
	id := t.used
	t.used++
	return id
}

func (t *slots) release(id uint32) {
	s := t.at(id)
	s.state, s.seq = free, 0
	s.wait.next = t.free
	t.free = id
	t.live--
}

// find returns the slot that holds seq, looking where the hint says.
func (t *slots) find(hint uint32, seq uint64) (uint32, bool) {
	if hint == 0 || hint >= t.used {
		return 0, false
	}
	s := t.at(hint)
	return hint, s.state != free && s.seq == seq
}
