package engine

// heap is a 4-ary min-heap of numbered things whose places are known, so that any
// of them can be moved or taken out. A place is the position plus 1, 0 outside.
// Places are kept in pos, or where at says if that is set; tie, if set, orders
// equal keys.
type heap struct {
	e   []heapEntry
	pos []uint32
	at  func(id uint32) *uint32
	tie func(id uint32) uint64
}

type heapEntry struct {
	key int64
	id  uint32
}

func (h *heap) len() int { return len(h.e) }

// top is the least key and its owner; only on a heap that is not empty.
func (h *heap) top() (int64, uint32) { return h.e[0].key, h.e[0].id }

// next is the least key, Never when empty.
func (h *heap) next() int64 {
	if len(h.e) == 0 {
		return Never
	}
	return h.e[0].key
}

// place is where the place of id is kept.
func (h *heap) place(id uint32) *uint32 {
	if h.at != nil {
		return h.at(id)
	}
	for len(h.pos) <= int(id) {
		h.pos = append(h.pos, 0)
	}
	return &h.pos[id]
}

func (h *heap) has(id uint32) bool { return *h.place(id) != 0 }

// set puts id at key, whether or not it was in the heap.
func (h *heap) set(id uint32, key int64) {
	i := int(*h.place(id)) - 1
	if i < 0 {
		h.e = append(h.e, heapEntry{key, id})
		h.up(len(h.e) - 1)
		return
	}
	h.e[i].key = key
	h.settle(i)
}

// drop takes id out if it is in.
func (h *heap) drop(id uint32) {
	p := h.place(id)
	i := int(*p) - 1
	if i < 0 {
		return
	}
	*p = 0
	last := len(h.e) - 1
	moved := h.e[last]
	h.e = h.e[:last]
	if i == last {
		return
	}
	h.e[i] = moved
	h.settle(i)
}

func (h *heap) less(a, b heapEntry) bool {
	if a.key != b.key || h.tie == nil {
		return a.key < b.key
	}
	return h.tie(a.id) < h.tie(b.id)
}

func (h *heap) settle(i int) {
	if i > 0 && h.less(h.e[i], h.e[(i-1)/4]) {
		h.up(i)
		return
	}
	h.down(i)
}

func (h *heap) up(i int) {
	x := h.e[i]
	for i > 0 {
		p := (i - 1) / 4
		if !h.less(x, h.e[p]) {
			break
		}
		h.e[i] = h.e[p]
		*h.place(h.e[i].id) = uint32(i + 1)
		i = p
	}
	h.e[i] = x
	*h.place(x.id) = uint32(i + 1)
}

func (h *heap) down(i int) {
	x := h.e[i]
	for {
		c := 4*i + 1
		if c >= len(h.e) {
			break
		}
		for k, end := c+1, min(c+4, len(h.e)); k < end; k++ {
			if h.less(h.e[k], h.e[c]) {
				c = k
			}
		}
		if !h.less(h.e[c], x) {
			break
		}
		h.e[i] = h.e[c]
		*h.place(h.e[i].id) = uint32(i + 1)
		i = c
	}
	h.e[i] = x
	*h.place(x.id) = uint32(i + 1)
}

// valid reports whether order and positions hold.
func (h *heap) valid() bool {
	for i, e := range h.e {
		if int(*h.place(e.id)) != i+1 || i > 0 && h.less(e, h.e[(i-1)/4]) {
			return false
		}
	}
	return true
}
