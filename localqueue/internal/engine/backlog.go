package engine

import "sort"

// backlog lists the messages of a standard queue that nobody ever received, that
// have no group and whose content is on disk: 16 bytes each, in the order of
// sending. It grows at its end and is used up from its beginning.
type backlog struct {
	chunks []chunk
	n      int     // messages
	spare  []entry // of a small chunk that is gone
}

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

// cold is what a backlog knows of a message.
type cold struct {
	seq  uint64
	sent Time
	home Place
}

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

// push adds a message behind all others; false: it does not fit.
func (b *backlog) push(m cold) bool {
	if n := len(b.chunks); n > 0 && b.chunks[n-1].push(m) {
		b.n++
		return true
	}
	if n := len(b.chunks); n > 0 && m.seq <= b.chunks[n-1].last() {
		return false
	}
	c := chunk{seq: m.seq, sent: m.sent, segment: m.home.Segment, entries: b.spare}
	if !c.push(m) {
		return false
	}
	b.spare = nil
	b.chunks = append(b.chunks, c)
	b.n++
	return true
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

// first is the oldest message; only of a backlog that is not empty.
func (b *backlog) first() cold {
	c := &b.chunks[0]
	return c.at(c.head)
}

// pop removes the oldest message.
func (b *backlog) pop() cold {
	m := b.first()
	b.kill(0, b.chunks[0].head)
	return m
}

// kill removes an entry and keeps the beginning of the backlog alive.
func (b *backlog) kill(k, i int) {
	b.n--
	c := &b.chunks[k]
	c.entries[i].where = 0
	if c.live--; c.live == 0 {
		b.trim()
		return
	}
	for c.entries[c.head].where == 0 {
		c.head++
	}
}

// trim drops dead chunks from both ends; one in between waits until it is at one.
func (b *backlog) trim() {
	for len(b.chunks) > 0 && b.chunks[0].live == 0 {
		if entries := b.chunks[0].entries; cap(entries) <= spareEntries {
			b.spare = entries[:0]
		}
		b.chunks[0] = chunk{}
		b.chunks = b.chunks[1:]
	}
	for n := len(b.chunks); n > 0 && b.chunks[n-1].live == 0; n-- {
		b.chunks[n-1] = chunk{}
		b.chunks = b.chunks[:n-1]
	}
	if len(b.chunks) == 0 {
		b.chunks = nil
	}
}

// find is the place of a message in the backlog.
func (b *backlog) find(seq uint64) (k, i int, ok bool) {
	k = sort.Search(len(b.chunks), func(k int) bool { return b.chunks[k].seq > seq }) - 1
	if k < 0 {
		return 0, 0, false
	}
	c := &b.chunks[k]
	i = sort.Search(len(c.entries), func(i int) bool { return c.seq+c.entries[i].when>>sentBits >= seq })
	return k, i, i < len(c.entries) && c.entries[i].where != 0 && c.seq+c.entries[i].when>>sentBits == seq
}

// take removes a message from anywhere.
func (b *backlog) take(seq uint64) (cold, bool) {
	k, i, ok := b.find(seq)
	if !ok {
		return cold{}, false
	}
	m := b.chunks[k].at(i)
	b.kill(k, i)
	return m, true
}

// move notes that a message's record stands elsewhere; false: that does not fit.
func (b *backlog) move(seq uint64, to Place) bool {
	k, i, ok := b.find(seq)
	if !ok {
		return false
	}
	where, ok := b.chunks[k].where(to)
	if ok {
		b.chunks[k].entries[i].where = where
	}
	return ok
}

// each visits the messages from sequence number from on, in order, until yield
// returns false.
func (b *backlog) each(from uint64, yield func(cold) bool) {
	k := max(0, sort.Search(len(b.chunks), func(k int) bool { return b.chunks[k].seq > from })-1)
	for ; k < len(b.chunks); k++ {
		c := &b.chunks[k]
		for i := c.head; i < len(c.entries); i++ {
			if c.entries[i].where != 0 && c.seq+c.entries[i].when>>sentBits >= from && !yield(c.at(i)) {
				return
			}
		}
	}
}

// covers reports whether seq may be in b.
func (b *backlog) covers(seq uint64) bool {
	n := len(b.chunks)
	return n > 0 && b.chunks[0].seq <= seq && seq <= b.chunks[n-1].last()
}
