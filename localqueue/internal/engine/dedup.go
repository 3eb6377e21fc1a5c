package engine

import (
	"cmp"
	"hash/maphash"
	"math/bits"
	"slices"
)

// dedup remembers the deduplication ids of the last five minutes. An entry is
// pointer-free: 128 bits of seeded hash of the id, 64 of the group.
type dedup struct {
	seeds [3]maphash.Seed
	known map[[2]uint64]uint64 // key under the scope in force -> number of the entry
	queue []dedupEntry         // in order of acceptance
	first uint64               // number of queue[0]
	group bool                 // scope that known is keyed by
}

type dedupEntry struct {
	id    [2]uint64
	group uint64
	seq   uint64
	at    Time

	segment uint32 // on disk: what tells of it
}

func (d *dedup) init() {
	*d = dedup{known: map[[2]uint64]uint64{}, group: d.group}
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

func (d *dedup) key(e *dedupEntry) [2]uint64 {
	if !d.group {
		return e.id
	}
	hi, lo := bits.Mul64(e.group|1, e.id[1]|1)
	return [2]uint64{e.id[0] ^ hi, e.id[1] ^ lo ^ e.group}
}

// find is the sequence number accepted under the key of e.
func (d *dedup) find(e *dedupEntry) (uint64, bool) {
	n, ok := d.known[d.key(e)]
	if !ok {
		return 0, false
	}
	return d.queue[n-d.first].seq, true
}

func (d *dedup) add(e dedupEntry) {
	d.known[d.key(&e)] = d.first + uint64(len(d.queue))
	d.queue = append(d.queue, e)
}

// expire forgets what was accepted DedupWindow ago.
func (d *dedup) expire(now Time, gone func(segment uint32)) {
	n := 0
	for n < len(d.queue) && d.queue[n].at+int64(DedupWindow) <= now {
		k := d.key(&d.queue[n])
		if d.known[k] == d.first+uint64(n) {
			delete(d.known, k)
		}
		gone(d.queue[n].segment)
		n++
	}
	if n > 0 {
		d.first += uint64(n)
		d.queue = d.queue[n:] // append moves the rest to fresh memory in time
	}
	if n > 0 && len(d.queue) == 0 {
		d.queue, d.known = nil, map[[2]uint64]uint64{}
	}
}

// scope changes what counts as the same id.
func (d *dedup) scope(group bool) {
	if d.group == group {
		return
	}
	d.group = group
	clear(d.known)
	for i := range d.queue {
		k := d.key(&d.queue[i])
		d.known[k] = d.first + uint64(i)
	}
}

// indexOf is where in the queue the entry of message seq stands that segment tells
// of, -1 if there is none.
func (d *dedup) indexOf(e *dedupEntry, seq uint64, segment uint32) int {
	i, ok := slices.BinarySearchFunc(d.queue, seq, func(x dedupEntry, seq uint64) int { return cmp.Compare(x.seq, seq) })
	if !ok || d.queue[i].id != e.id || d.queue[i].group != e.group || d.queue[i].segment != segment {
		return -1
	}
	return i
}
