package engine

import (
	"slices"
	"sort"
)

// roll finds slots by sequence number: 8 bytes for each message, in order. Recovery
// calls it; handles of before name other slots.
type roll struct{ leaves []leaf }

// leaf is a part of a roll, whose numbers are relative to base. None is empty.
type leaf struct {
	base    uint64
	entries []called
}

type called struct{ seq, slot uint32 }

const leafEntries = 512

// seek is the leaf that seq belongs to (-1: it comes before all) and its place there.
func (r *roll) seek(seq uint64) (k, i int, ok bool) {
	k = len(r.leaves) - 1
	if k >= 0 && r.leaves[k].base > seq { // most come last
		k = sort.Search(k, func(k int) bool { return r.leaves[k].base > seq }) - 1
	}
	if k < 0 {
		return k, 0, false
	}
	l := &r.leaves[k]
	if n := len(l.entries); l.base+uint64(l.entries[n-1].seq) < seq {
		return k, n, false
	}
	rel := uint32(seq - l.base)
	i = sort.Search(len(l.entries), func(i int) bool { return l.entries[i].seq >= rel })
	return k, i, l.entries[i].seq == rel
}

func (r *roll) find(seq uint64) (id uint32, ok bool) {
	k, i, ok := r.seek(seq)
	if !ok {
		return 0, false
	}
	return r.leaves[k].entries[i].slot, true
}

// add enters a message that is not there yet.
func (r *roll) add(seq uint64, id uint32) {
	k, i, _ := r.seek(seq)
	if k >= 0 && len(r.leaves[k].entries) == leafEntries && i < leafEntries {
		r.split(k)
		k, i, _ = r.seek(seq)
	}
	if k < 0 || len(r.leaves[k].entries) == leafEntries || seq-r.leaves[k].base > 1<<32-1 {
		r.leaves = slices.Insert(r.leaves, k+1, leaf{seq, []called{{0, id}}})
		return
	}
	l := &r.leaves[k]
	if n := len(l.entries); n == cap(l.entries) { // append would go beyond a leaf
		l.entries = append(make([]called, 0, min(2*n, leafEntries)), l.entries...)
	}
	l.entries = slices.Insert(l.entries, i, called{uint32(seq - l.base), id})
}

// split makes two leaves of a full one.
func (r *roll) split(k int) {
	l := &r.leaves[k]
	upper := slices.Clone(l.entries[leafEntries/2:])
	l.entries = l.entries[:leafEntries/2]
	by := upper[0].seq
	for i := range upper {
		upper[i].seq -= by
	}
	r.leaves = slices.Insert(r.leaves, k+1, leaf{l.base + uint64(by), upper})
}

// drop strikes a message off, if it is there.
func (r *roll) drop(seq uint64) {
	k, i, ok := r.seek(seq)
	if !ok {
		return
	}
	l := &r.leaves[k]
	if l.entries = slices.Delete(l.entries, i, i+1); len(l.entries) > 0 {
		return
	}
	if r.leaves = slices.Delete(r.leaves, k, k+1); len(r.leaves) == 0 {
		r.leaves = nil
	}
}

// each visits the messages in order. What it visits must not be entered or struck off.
func (r *roll) each(visit func(seq uint64, id uint32)) {
	for _, l := range r.leaves {
		for _, e := range l.entries {
			visit(l.base+uint64(e.seq), e.slot)
		}
	}
}
