package producer

import (
	"context"
	"time"
)

// company is how long messages wait, while a request is under way, for others to share
// the next with. It is about what a request takes: one that hangs holds up nothing.
const company = 20 * time.Millisecond

// offer has c sent when it is its turn. The channel, if there is one, is closed once c,
// which has to wait for room, has it. If p is closed, c is answered. leaves is true if c
// can leave now, alone, and the caller, who offers to, is to make the request.
func (p *Producer) offer(ctx context.Context, c *Pending, caller bool) (room <-chan struct{}, leaves bool) {
	p.mu.Lock()
	switch {
	case p.closed:
		c.answerLocked(Sent{}, ErrClosed)
		p.mu.Unlock()
		c.announce()
		return nil, false
	case p.room.n > 0 || !p.fitsLocked(c):
		c.admitted = make(chan struct{})
		room = c.admitted
		c.state = queuing
		p.room.pushBack(c)
	default:
		p.admitLocked(c)
		alone := p.count == 1 && c.line.state == ready // else the one is another
		if leaves = caller && alone && p.mayLeaveLocked(p.senders); leaves {
			p.senders++
			p.latest = time.Now()
			p.takeLocked(make([]*Pending, 0, 1))
		} else {
			p.startLocked()
		}
	}
	if c.async {
		p.watchLocked(ctx, c)
	}
	p.mu.Unlock()
	return room, leaves
}

// fitsLocked reports whether there is room for c. p.mu must be held.
func (p *Producer) fitsLocked(c *Pending) bool {
	return p.pending == 0 || p.pending < p.opts.MaxPending && p.bytes+int64(c.size) <= p.opts.MaxPendingBytes
}

// admitLocked gives c its place. p.mu must be held.
func (p *Producer) admitLocked(c *Pending) {
	p.pending++
	p.bytes += int64(c.size)
	if p.opts.Linger > 0 {
		c.since = time.Now()
	}
	if c.admitted != nil {
		close(c.admitted)
	}
	p.joinLocked(c)
}

// releaseLocked forgets c, which is in no line and no request any more, and gives its
// room to those that wait for it. p.mu must be held.
func (p *Producer) releaseLocked(c *Pending) {
	c.state = outside
	p.pending--
	p.bytes -= int64(c.size)
	p.admitWaitingLocked()
}

func (p *Producer) admitWaitingLocked() {
	for c := p.room.first; c != nil && p.fitsLocked(c); c = p.room.first {
		p.room.remove(c)
		p.admitLocked(c)
	}
}

// abandon gives c up for the reason why, unless it is answered. A request that has it
// goes on.
func (p *Producer) abandon(c *Pending, why error) {
	p.mu.Lock()
	if c.answered {
		p.mu.Unlock()
		return
	}
	p.abandonLocked(c, why)
	p.startLocked()
	p.mu.Unlock()
	c.announce()
}

// abandonLocked is abandon for a c without an answer, which is to be announced. p.mu must
// be held.
func (p *Producer) abandonLocked(c *Pending, why error) {
	switch c.state {
	case queuing:
		p.room.remove(c)
		c.state = outside
		p.admitWaitingLocked()
	case waiting:
		p.leaveLocked(c)
		p.releaseLocked(c)
	case flying:
		c.unsure = true
	}
	c.answerLocked(Sent{}, c.undelivered(why))
}

// startLocked has a goroutine make each request that may leave now, and arms the timer
// for those that may later. p.mu must be held.
func (p *Producer) startLocked() {
	p.recallLocked()
	if p.url == "" && p.count > 0 && p.senders == 0 {
		p.senders++
		go p.find()
	}
	for p.mayLeaveLocked(p.senders) {
		p.senders++
		p.latest = time.Now()
		go p.sender(p.takeLocked(make([]*Pending, 0, maxBatch)))
	}
	if p.pending == 0 && p.senders == 0 {
		p.restLocked()
	}
	p.armLocked()
}

// restLocked lets go of what an idle producer does not need, and wakes Close. p.mu must
// be held.
func (p *Producer) restLocked() {
	clear(p.ready)
	p.ready = p.ready[:0]
	p.later = nil
	p.open.state = resting
	clear(p.groups)
	p.resume = time.Time{}
	if p.idle != nil && !p.rested {
		p.rested = true
		close(p.idle)
	}
}

// mayLeaveLocked reports whether a request may leave while so many others are under way.
// One that is full leaves at once; another if it is alone, or the latest has been under
// way for a while. p.mu must be held.
func (p *Producer) mayLeaveLocked(others int) bool {
	if p.count == 0 || p.url == "" || others >= p.opts.Concurrency {
		return false
	}
	if !p.resume.IsZero() && time.Now().Before(p.resume) {
		return false
	}
	if p.count >= maxBatch || p.size > maxBytes {
		return true
	}
	if first := p.ready[0].first; first != nil && first.alone {
		return true
	}
	due := p.dueLocked(others)
	return due.IsZero() || !time.Now().Before(due)
}

// dueLocked returns until when the messages that are ready wait for others, if they are
// too few to fill a request and so many others are under way. p.mu must be held.
func (p *Producer) dueLocked(others int) (due time.Time) {
	if p.opts.Linger > 0 {
		due = p.lingerLocked()
	}
	if others > 0 {
		if busy := p.latest.Add(company); busy.After(due) {
			due = busy
		}
	}
	return due
}
