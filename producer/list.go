package producer

// list is messages that wait, linked to each other, so that any of them can leave at
// once when its context ends.
type list struct {
	first, last *Pending
	n, size     int // messages, and their bytes
}

func (l *list) pushBack(c *Pending) {
	c.prev, c.next = l.last, nil
	if l.last == nil {
		l.first = c
	} else {
		l.last.next = c
	}
	l.last = c
	l.n++
	l.size += c.size
}

func (l *list) pushFront(c *Pending) {
	c.prev, c.next = nil, l.first
	if l.first == nil {
		l.last = c
	} else {
		l.first.prev = c
	}
	l.first = c
	l.n++
	l.size += c.size
}

func (l *list) remove(c *Pending) {
	if c.prev == nil {
		l.first = c.next
	} else {
		c.prev.next = c.next
	}
	if c.next == nil {
		l.last = c.prev
	} else {
		c.next.prev = c.prev
	}
	c.prev, c.next = nil, nil
	l.n--
	l.size -= c.size
}
