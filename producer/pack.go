package producer

import (
	"context"
	"time"
)

// company is how long messages wait, while a request is under way, for others to share
// the next with. It is about what a request takes: one that hangs holds up nothing.
const company = 20 * time.Millisecond

// maxIdleGroups is for how many groups an idle producer keeps the room it once needed.
const maxIdleGroups = 1000

// offer has c sent when it is its turn. leaves is true if c can leave now, alone, and the
// caller, who offers to, is to make the request.
func (p *Producer) offer(ctx context.Context, c *Pending, caller bool) (leaves bool) {
	p.mu.Lock()
	p.enterLocked(c, p.closed)
	alone := p.count == 1 && c.state == waiting && c.line.state == ready // else the one is another
	if leaves = caller && alone && p.maySoloLocked(ctx); leaves {
		p.senders++
		p.latest = time.Now()
		p.takeLocked(make([]*Pending, 0, 1))
	} else {
		p.startLocked()
	}
	closed := c.answered
	if c.async && !closed {
		p.watchLocked(ctx, c)
	}
	p.mu.Unlock()
	if closed {
		c.announce()
	}
	return leaves
}

// offerAll is offer for messages of SendAll, which may be answered. Close does not keep out
// those of a call that began before.
func (p *Producer) offerAll(cs []*Pending, late bool) {
	var closed []*Pending
	p.mu.Lock()
	for _, c := range cs {
		if c.answered {
			continue
		}
		if p.enterLocked(c, late || p.cut); c.answered {
			closed = append(closed, c)
		}
	}
	p.startLocked()
	p.mu.Unlock()
	for _, c := range closed {
		c.announce()
	}
}

// enterLocked gives c its place, or one among those that wait for room: then c.admitted is
// closed once it has it. If it comes too late, c is answered. p.mu must be held.
func (p *Producer) enterLocked(c *Pending, late bool) {
	switch {
	case late:
		c.answerLocked(Sent{}, ErrClosed)
	case p.room.n > 0 || !p.fitsLocked(c):
		c.admitted = make(chan struct{})
		c.state = queuing
		p.room.pushBack(c)
	default:
		p.admitLocked(c)
	}
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
		p.withdrawLocked(c)
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
	if p.pending == 0 && p.unwanted != nil {
		close(p.unwanted)
		p.unwanted = nil
	}
	if p.url == "" && p.count > 0 && p.senders == 0 {
		p.senders++
		go p.find()
	}
	for p.looking == 0 && p.mayLeaveLocked(p.senders) { // else one that looks takes it, and calls this
		batch := p.takeLocked(make([]*Pending, 0, maxBatch))
		if len(batch) > 0 {
			p.senders++
			p.latest = time.Now()
			go p.sender(batch)
		}
	}
	p.tellLocked(p.stale)
	p.stale = nil
	if p.pending == 0 && p.senders == 0 && (p.telling+p.calls == 0 || p.cut) {
		p.restLocked()
	}
	p.armLocked()
}

// restLocked lets go of what an idle producer does not need, and wakes Close. p.mu must
// be held.
func (p *Producer) restLocked() {
	if p.later = nil; p.most > maxIdleGroups {
		p.groups, p.most = nil, 0 // a map does not shrink
	}
	if p.idle != nil && !p.rested {
		p.rested = true
		close(p.idle)
	}
}

// maySoloLocked reports whether Send may make the request for the one message that is
// waiting itself, and end it with ctx. On a FIFO queue what is under way is waited for: SQS
// may go on with it, and must not be overtaken. p.mu must be held.
func (p *Producer) maySoloLocked(ctx context.Context) bool {
	return (!p.fifo || ctx.Done() == nil) && p.mayLeaveLocked(p.senders)
}

// mayLeaveLocked reports whether a request may leave while so many others are under way.
// One that is full leaves at once; another if it is alone, or the latest has been under
// way for a while. p.mu must be held.
func (p *Producer) mayLeaveLocked(others int) bool {
	if p.count == 0 || p.url == "" || others >= p.width {
		return false
	}
	if !p.resume.IsZero() && time.Now().Before(p.resume) {
		return false
	}
	if p.count >= maxBatch || p.size > maxBytes {
		return true
	}
	if p.ready.first.first.alone {
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
