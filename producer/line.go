package producer

import "time"

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

// line is messages that wait to be sent, in this order. A FIFO queue has one for each
// group, of which a message leaves only when those before it are answered, but for those
// in the same request. A standard queue has one, from which any number of requests
// may take, and one for each batch that is to be tried again.
type line struct {
	list
	group   string
	ordered bool // of a group
	passed  bool // within settle: a message was stored that comes after those looked at
	state   lineState
	due     time.Time // when it is later
}

type lineState int8

const (
	resting lineState = iota // it has no messages, and no request has any of it
	ready                    // in Producer.ready
	busy                     // a request has messages of it: those left wait for its end
	later                    // in Producer.later, until it is due
)

// lineOfLocked returns where c is to wait. p.mu must be held.
func (p *Producer) lineOfLocked(c *Pending) *line {
	if !p.fifo {
		return &p.open
	}
	l := p.groups[c.message.Group]
	if l == nil {
		l = &line{group: c.message.Group, ordered: true}
		if p.groups == nil {
			p.groups = make(map[string]*line)
		}
		p.groups[l.group] = l
	}
	return l
}

// readyLocked has l's messages sent when it is their turn. A batch that is tried
// again, of a standard queue, goes first: the line for all others may never be empty.
// p.mu must be held.
func (p *Producer) readyLocked(l *line) {
	l.state = ready
	p.count += l.n
	p.size += l.size
	if l.ordered || l == &p.open {
		p.ready = append(p.ready, l)
	} else {
		p.ready = append([]*line{l}, p.ready...)
	}
}

// dropLocked forgets l, which has no messages and is in no list. p.mu must be held.
func (p *Producer) dropLocked(l *line) {
	l.state = resting
	if l.ordered {
		delete(p.groups, l.group)
	}
}

// joinLocked puts c at the end of its line. p.mu must be held.
func (p *Producer) joinLocked(c *Pending) {
	l := p.lineOfLocked(c)
	c.line, c.state = l, waiting
	l.pushBack(c)
	switch l.state {
	case resting:
		p.readyLocked(l)
	case ready:
		p.count++
		p.size += c.size
	}
}

// leaveLocked takes c out of the line it waits in. p.mu must be held.
func (p *Producer) leaveLocked(c *Pending) {
	c.line.remove(c)
	if c.line.state == ready {
		p.count--
		p.size -= c.size
	}
}

// takeLocked appends to batch the messages of the next request: up to ten, and 1 MiB,
// from the lines whose turn it is. p.mu must be held.
func (p *Producer) takeLocked(batch []*Pending) []*Pending {
	size := 0
	for len(p.ready) > 0 {
		l := p.ready[0]
		took, full := false, false
		for c := l.first; c != nil && !full; c = l.first {
			if len(batch) == maxBatch || size+c.size > maxBytes || c.alone && len(batch) > 0 {
				full = true
				break
			}
			p.leaveLocked(c)
			c.state = flying
			batch = append(batch, c)
			size += c.size
			took, full = true, c.alone
		}
		if full && !took {
			break // it goes first the next time
		}
		p.ready[0] = nil
		p.ready = p.ready[1:]
		switch {
		case took && l.ordered:
			p.count -= l.n
			p.size -= l.size
			l.state = busy
		case l.n > 0:
			p.ready = append(p.ready, l)
		default:
			p.dropLocked(l)
		}
		if full {
			break
		}
	}
	return batch
}
