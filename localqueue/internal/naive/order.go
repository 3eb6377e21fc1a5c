package naive

import "container/heap"

// order is a heap of messages in which each of them knows its place, so that
// any of them can be removed.
type order struct {
	heap []*message
	less func(a, b *message) bool
	pos  func(*message) *int // where a message notes its place
}

// top returns the first message, or nil.
func (o *order) top() *message {
	if len(o.heap) == 0 {
		return nil
	}
	return o.heap[0]
}

func (o *order) add(m *message)    { heap.Push(o, m) }
func (o *order) fix(m *message)    { heap.Fix(o, *o.pos(m)) }
func (o *order) remove(m *message) { heap.Remove(o, *o.pos(m)) }

// Len, Less, Swap, Push and Pop are heap.Interface.
func (o *order) Len() int           { return len(o.heap) }
func (o *order) Less(i, j int) bool { return o.less(o.heap[i], o.heap[j]) }

func (o *order) Swap(i, j int) {
	o.heap[i], o.heap[j] = o.heap[j], o.heap[i]
	*o.pos(o.heap[i]), *o.pos(o.heap[j]) = i, j
}

func (o *order) Push(x any) {
	m := x.(*message)
	*o.pos(m) = len(o.heap)
	o.heap = append(o.heap, m)
}

func (o *order) Pop() any {
	last := len(o.heap) - 1
	m := o.heap[last]
	o.heap[last] = nil
	o.heap = o.heap[:last]
	return m
}

// byReady orders by the end of a delay or timeout.
func byReady() order {
	return order{
		less: func(a, b *message) bool { return a.ready < b.ready },
		pos:  func(m *message) *int { return &m.inDue },
	}
}

// byAge orders by send time, which is the order in which retention ends.
func byAge() order {
	return order{
		less: func(a, b *message) bool { return a.sent < b.sent },
		pos:  func(m *message) *int { return &m.inAges },
	}
}

// bySeq orders by sequence number.
func bySeq() order {
	return order{
		less: func(a, b *message) bool { return a.seq < b.seq },
		pos:  func(m *message) *int { return &m.inVisible },
	}
}
