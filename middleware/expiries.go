package middleware

import (
	"container/heap"
	"math"
)

// kept is a record in a MemoryStore. Its Record does not change.
type kept struct {
	Record
	place int // in its expiries
}

// expiries is a heap of records: the first is the one that is free first.
type expiries []*kept

func (h *expiries) add(k *kept)    { heap.Push(h, k) }
func (h *expiries) remove(k *kept) { heap.Remove(h, k.place) }

// free is the last millisecond in which k is not free; see Record.Free.
func (k *kept) free() int64 {
	last := int64(math.MaxInt64)
	if k.Expiration < math.MaxInt64/1000-1 {
		last = k.Expiration*1000 + 999
	}
	if k.Status == InProgress && k.InProgressExpiration != 0 {
		last = min(last, k.InProgressExpiration)
	}
	return last
}

// Len, Less, Swap, Push and Pop are for container/heap.
func (h expiries) Len() int           { return len(h) }
func (h expiries) Less(i, j int) bool { return h[i].free() < h[j].free() }

func (h expiries) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *expiries) Push(x any) {
	k := x.(*kept)
	k.place = len(*h)
	*h = append(*h, k)
}

func (h *expiries) Pop() any {
	last := len(*h) - 1
	k := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return k
}
