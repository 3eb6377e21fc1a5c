package engine

import (
	"cmp"
	"slices"
	"sort"
)

// dedupQueue has what was accepted in the order of that, in chunks, so that it is not
// copied as it grows and its beginning is given back. Entries are numbered; numbers go
// round.
type dedupQueue struct {
	chunks      []*[dedupChunk]dedupEntry
	first, next uint32 // numbers of the oldest and of the one that comes next
}

const dedupChunk = 64 // entries of 48 bytes

func (q *dedupQueue) len() int { return int(q.next - q.first) }

// chunk is where number n stands, or will.
func (q *dedupQueue) chunk(n uint32) uint32 { return (n - q.first&^(dedupChunk-1)) / dedupChunk }

func (q *dedupQueue) at(n uint32) *dedupEntry { return &q.chunks[q.chunk(n)][n%dedupChunk] }

// push adds an entry and says its number.
func (q *dedupQueue) push(e dedupEntry) uint32 {
	n := q.next
	if q.chunk(n) == uint32(len(q.chunks)) {
		q.chunks = append(q.chunks, new([dedupChunk]dedupEntry))
	}
	q.next++
	*q.at(n) = e
	return n
}

// pop removes the oldest.
func (q *dedupQueue) pop() {
	if q.first++; q.first%dedupChunk == 0 {
		q.chunks[0] = nil
		q.chunks = q.chunks[1:]
	}
}

func (q *dedupQueue) each(visit func(e *dedupEntry)) {
	for n := q.first; n != q.next; n++ {
		visit(q.at(n))
	}
}

// find is the entry of message seq, nil if there is none.
func (q *dedupQueue) find(seq uint64) *dedupEntry {
	n := q.first + uint32(sort.Search(q.len(), func(i int) bool { return q.at(q.first+uint32(i)).seq >= seq }))
	if n == q.next || q.at(n).seq != seq {
		return nil
	}
	return q.at(n)
}

// keep makes the queue anew of those that ok says, in the order of time; of one that
// is there twice the latter stays.
func (q *dedupQueue) keep(ok func(e *dedupEntry) bool) {
	var all []dedupEntry
	q.each(func(e *dedupEntry) {
		if ok(e) {
			all = append(all, *e)
		}
	})
	slices.SortStableFunc(all, func(a, b dedupEntry) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq)) })
	*q = dedupQueue{}
	for i, e := range all {
		if i+1 == len(all) || all[i+1].at != e.at || all[i+1].seq != e.seq {
			q.push(e)
		}
	}
}

// inOrder reports whether the queue is in the order of time and has nothing twice.
func (q *dedupQueue) inOrder() bool {
	for n := q.first; n != q.next && n+1 != q.next; n++ {
		if a, b := q.at(n), q.at(n+1); a.at > b.at || a.seq >= b.seq {
			return false
		}
	}
	return true
}
