package engine

// pile holds visible messages of a standard queue, the lowest sequence number
// first. Those that arrive in order lie in a list; those that come back (from a
// delay or a lapsed visibility timeout) in a pairing heap threaded through the
// same links, so that either kind can leave from anywhere.
type pile struct {
	head, tail uint32 // the list, by wait
	root       uint32 // the heap: wait.prev is the first child, wait.next the next sibling, pos the previous one or the parent
}

// min is the message with the lowest sequence number, 0 if the pile is empty.
func (p *pile) min(t *slots) uint32 {
	if p.root == 0 || p.head != 0 && t.at(p.head).seq < t.at(p.root).seq {
		return p.head
	}
	return p.root
}

func (p *pile) append(t *slots, id uint32) {
	appendTo(t, &p.head, &p.tail, id)
}

func (p *pile) giveBack(t *slots, id uint32) {
	s := t.at(id)
	s.flags |= flagReturned
	s.wait, s.pos = link{}, 0
	p.root = meld(t, p.root, id)
}

func (p *pile) remove(t *slots, id uint32) {
	s := t.at(id)
	if s.flags&flagReturned == 0 {
		removeFrom(t, &p.head, &p.tail, id)
		return
	}
	s.flags &^= flagReturned
	if id == p.root {
		p.root = combine(t, s.wait.prev)
	} else {
		if before := t.at(s.pos); before.wait.prev == id {
			before.wait.prev = s.wait.next
		} else {
			before.wait.next = s.wait.next
		}
		if s.wait.next != 0 {
			t.at(s.wait.next).pos = s.pos
		}
		p.root = meld(t, p.root, combine(t, s.wait.prev))
	}
	s.wait, s.pos = link{}, 0
}

// meld joins two heaps, either of which may be 0, under the lower root.
func meld(t *slots, a, b uint32) uint32 {
	if a == 0 {
		return b
	}
	if b == 0 {
		return a
	}
	x, y := t.at(a), t.at(b)
	if y.seq < x.seq {
		a, b, x, y = b, a, y, x
	}
	y.wait.next = x.wait.prev
	if y.wait.next != 0 {
		t.at(y.wait.next).pos = b
	}
	x.wait.prev, y.pos = b, a
	return a
}

// combine makes one heap of a row of siblings: pairs from the left, then all
// from the right.
func combine(t *slots, first uint32) uint32 {
	var pairs uint32 // linked backwards by wait.next
	for first != 0 {
		a := first
		b := t.at(a).wait.next
		first = 0
		t.at(a).wait.next, t.at(a).pos = 0, 0
		if b != 0 {
			first = t.at(b).wait.next
			t.at(b).wait.next, t.at(b).pos = 0, 0
		}
		m := meld(t, a, b)
		t.at(m).wait.next = pairs
		pairs = m
	}
	var root uint32
	for pairs != 0 {
		m := pairs
		pairs = t.at(m).wait.next
		t.at(m).wait.next = 0
		root = meld(t, root, m)
	}
	return root
}

// appendTo and removeFrom keep a list linked by wait.
func appendTo(t *slots, head, tail *uint32, id uint32) {
	s := t.at(id)
	s.wait = link{prev: *tail}
	if *tail == 0 {
		*head = id
	} else {
		t.at(*tail).wait.next = id
	}
	*tail = id
}

func removeFrom(t *slots, head, tail *uint32, id uint32) {
	s := t.at(id)
	if s.wait.prev == 0 {
		*head = s.wait.next
	} else {
		t.at(s.wait.prev).wait.next = s.wait.next
	}
	if s.wait.next == 0 {
		*tail = s.wait.prev
	} else {
		t.at(s.wait.next).wait.prev = s.wait.prev
	}
	s.wait = link{}
}
