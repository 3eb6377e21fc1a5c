package engine

// chunk is a part of a backlog. Its entries are relative to what it begins with.
type chunk struct {
	seq     uint64
	sent    Time
	segment uint32
	live    int // entries that are not dead
	head    int // entries[:head] are dead
	entries []entry
}

// entry is one message: where is segment (13 bits, relative), length (21) and
// offset (30) of its record, 0 for a dead entry; when is its sequence number (16)
// and its time (48), both relative.
type entry struct{ where, when uint64 }

const (
	chunkEntries = 1024
	spareEntries = 64
	offsetBits   = 30
	lengthBits   = 21
	segmentBits  = 64 - offsetBits - lengthBits
	sentBits     = 48
)

// where packs a place; false: it does not fit.
func (c *chunk) where(p Place) (uint64, bool) {
	d := p.Segment - c.segment
	if p.Segment < c.segment || d >= 1<<segmentBits || p.Length >= 1<<lengthBits || p.Offset >= 1<<offsetBits {
		return 0, false
	}
	return uint64(d)<<(offsetBits+lengthBits) | uint64(p.Length)<<offsetBits | uint64(p.Offset), true
}

func (c *chunk) at(i int) cold {
	e := c.entries[i]
	return cold{
		seq:  c.seq + e.when>>sentBits,
		sent: c.sent + int64(e.when&(1<<sentBits-1)),
		home: Place{
			Segment: c.segment + uint32(e.where>>(offsetBits+lengthBits)),
			Offset:  uint32(e.where & (1<<offsetBits - 1)),
			Length:  uint32(e.where >> offsetBits & (1<<lengthBits - 1)),
		},
	}
}

func (c *chunk) last() uint64 { return c.seq + c.entries[len(c.entries)-1].when>>sentBits }

func (c *chunk) push(m cold) bool {
	if len(c.entries) == chunkEntries || len(c.entries) > 0 && m.seq <= c.last() {
		return false
	}
	where, ok := c.where(m.home)
	seq, sent := m.seq-c.seq, uint64(m.sent-c.sent)
	if !ok || where == 0 || seq >= 1<<(64-sentBits) || m.sent < c.sent || sent >= 1<<sentBits {
		return false
	}
	if n := len(c.entries); n == cap(c.entries) { // append would leave up to a quarter unused
		c.entries = append(make([]entry, 0, min(max(2*n, 4), chunkEntries)), c.entries...)
	}
	c.entries = append(c.entries, entry{where, seq<<sentBits | sent})
	c.live++
	return true
}
