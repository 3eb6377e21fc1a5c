package engine

import (
	"hash/maphash"
	"math/bits"
)

// dedup remembers the deduplication ids of the last five minutes. An entry is
// pointer-free: 128 bits of seeded hash of the id, 64 of the group. Entries of one
// hash are chained from the latest to older ones; a link to a number that is not in
// the queue, or is not older, is the end, so that what leaves the queue need not be
// looked for in its chain.
type dedup struct {
	seeds [3]maphash.Seed
	queue dedupQueue
	heads []uint32 // by hash: the number of the latest entry; as many as a power of two
	group bool     // scope in force: within a group
}

type dedupEntry struct {
	id    [2]uint64
	group uint64
	seq   uint64
	at    Time

	segment uint32 // on disk: what tells of it
	older   uint32 // of the same hash
}

func (d *dedup) init() {
	*d = dedup{group: d.group}
	for i := range d.seeds {
		d.seeds[i] = maphash.MakeSeed()
	}
}

func (d *dedup) entry(group, id string) dedupEntry {
	return dedupEntry{
		id:    [2]uint64{maphash.String(d.seeds[0], id), maphash.String(d.seeds[1], id)},
		group: maphash.String(d.seeds[2], group),
	}
}

// head is where the chain of e begins.
func (d *dedup) head(e *dedupEntry) *uint32 {
	hash := e.id[0]
	if d.group {
		hash ^= e.group
	}
	return &d.heads[hash&uint64(len(d.heads)-1)]
}

// find is the sequence number accepted latest of what is the same as e.
func (d *dedup) find(e *dedupEntry) (uint64, bool) {
	if len(d.heads) == 0 {
		return 0, false
	}
	q := &d.queue
	for n, bound := *d.head(e), q.next-q.first; n-q.first < bound; {
		x := q.at(n)
		if x.id == e.id && (!d.group || x.group == e.group) {
			return x.seq, true
		}
		n, bound = x.older, n-q.first
	}
	return 0, false
}

func (d *dedup) add(e dedupEntry) {
	if n := d.queue.len(); n >= len(d.heads) {
		d.index(n + 1)
	}
	d.link(d.queue.push(e))
}

func (d *dedup) link(n uint32) {
	e := d.queue.at(n)
	head := d.head(e)
	e.older, *head = *head, n
}

// index chains all entries anew, with room for n.
func (d *dedup) index(n int) {
	d.heads = make([]uint32, 1<<bits.Len(uint(n)))
	for n := d.queue.first; n != d.queue.next; n++ {
		d.link(n)
	}
}

// expire forgets what was accepted DedupWindow ago.
func (d *dedup) expire(now Time, gone func(segment uint32)) {
	q := &d.queue
	if q.first == q.next || q.at(q.first).at+int64(DedupWindow) > now {
		return
	}
	for q.first != q.next && q.at(q.first).at+int64(DedupWindow) <= now {
		gone(q.at(q.first).segment)
		q.pop()
	}
	switch n := q.len(); {
	case n == 0:
		d.queue, d.heads = dedupQueue{}, nil
	case len(d.heads) > 8*max(n, dedupChunk):
		d.index(n)
	}
}

// scope changes what counts as the same id.
func (d *dedup) scope(group bool) {
	if d.group == group {
		return
	}
	if d.group = group; d.heads != nil {
		d.index(d.queue.len())
	}
}

// written is the entry of message seq if it is as e and segment tells of it, nil if
// there is none.
func (d *dedup) written(e *dedupEntry, seq uint64, segment uint32) *dedupEntry {
	x := d.queue.find(seq)
	if x == nil || x.id != e.id || x.group != e.group || x.segment != segment {
		return nil
	}
	return x
}
