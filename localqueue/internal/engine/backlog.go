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

// cold is what a backlog knows of a message.
type cold struct {
	seq  uint64
	sent Time
	home Place
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
