package producer

import (
	"container/heap"
	"time"
)

// line is messages that wait to be sent, in this order. A FIFO queue has one for each
// group, of which a message leaves only when those before it are answered, but for those
// in the same request. A standard queue has one, from which any number of requests
// may take, and one for each batch that is to be tried again.
//
//	         message                taken from
//	resting ---------> ready ------------------------> busy (of a group)
//	   ^               |   ^                            |  |
//	   |---- empty ----/   \--- due --- later <-- failed-/  |
//	   |                       \--------- is sent ---------/
//	   \--- empty -------------------------------------- /
type line struct {
	list
	group   string
	ordered bool // of a group
	passed  bool // within settle: a message was stored that comes after those looked at
	state   lineState

	prev, next *line     // when it is ready
	due        time.Time // when it is later, or is about to be
	at         int       // in Producer.later
}

type lineState int8

const (
	resting lineState = iota // it has no messages, and no request has any of it
	ready                    // in Producer.ready, with messages
	busy                     // a request has messages of it: those left wait for its end
	later                    // in Producer.later, with messages, until it is due
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
		p.most = max(p.most, len(p.groups))
	}
	return l
}

// readyLocked has l's messages, if there are any, sent when it is their turn; what is tried
// again goes first. p.mu must be held.
func (p *Producer) readyLocked(l *line) {
	if l.n == 0 {
		p.dropLocked(l)
		return
	}
	l.state, l.due = ready, time.Time{}
	p.count += l.n
	p.size += l.size
	if l.first.tries > 0 || l.first.alone {
		p.ready.pushFront(l)
	} else {
		p.ready.pushBack(l)
	}
}

// unreadyLocked takes l out of those whose turn it is. p.mu must be held.
func (p *Producer) unreadyLocked(l *line) {
	p.ready.remove(l)
	p.count -= l.n
	p.size -= l.size
}

// laterLocked has l wait until it is due. p.mu must be held.
func (p *Producer) laterLocked(l *line) {
	l.state = later
	heap.Push(&p.later, l)
}

// dropLocked forgets l, which has no messages and is in no list. p.mu must be held.
func (p *Producer) dropLocked(l *line) {
	l.state, l.due = resting, time.Time{}
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

// withdrawLocked takes c, which is given up, out of the line it waits in. Those behind it
// do not wait for a try that it alone was to have. p.mu must be held.
func (p *Producer) withdrawLocked(c *Pending) {
	l := c.line
	p.leaveLocked(c)
	switch {
	case l.state == ready && l.n == 0:
		p.unreadyLocked(l)
		p.dropLocked(l)
	case l.state == later && (l.n == 0 || l.first.tries == 0):
		heap.Remove(&p.later, l.at)
		p.readyLocked(l)
	}
}

// takeLocked appends to batch the messages of the next request: up to ten, and 1 MiB,
// from the lines whose turn it is. p.mu must be held.
func (p *Producer) takeLocked(batch []*Pending) []*Pending {
	size := 0
	for l := p.ready.first; l != nil; l = p.ready.first {
		before, full := len(batch), false
		for c := l.first; c != nil && !full; c = l.first {
			if p.staleLocked(c) {
				continue
			}
			if full = len(batch) == maxBatch || size+c.size > maxBytes || c.alone && len(batch) > 0; full {
				break
			}
			p.leaveLocked(c)
			c.state = flying
			batch = append(batch, c)
			size += c.size
			full = c.alone
		}
		if took := len(batch) > before; took || l.n == 0 {
			p.unreadyLocked(l)
			if took && l.ordered {
				l.state = busy
			} else {
				p.requeueLocked(l)
			}
		} // else it goes first the next time
		if full {
			break
		}
	}
	return batch
}

// requeueLocked has l, of which a request has taken some, wait for its next turn. p.mu must
// be held.
func (p *Producer) requeueLocked(l *line) {
	if l.n == 0 {
		p.dropLocked(l)
		return
	}
	p.count += l.n
	p.size += l.size
	p.ready.pushBack(l)
}
