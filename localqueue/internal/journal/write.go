package journal

import (
	"fmt"
	"time"
)

// write writes g, the first of the groups. As long as the disk is full it tells
// all who wait, and tries again: the same bytes in the same place, so that it makes
// no difference how much of them a try left there.
func (c *committer) write(g *group) error {
	err := g.write()
	for diskFull(err) {
		if !c.stall() {
			return noted(err)
		}
		err = g.write()
	}
	if err != nil {
		return fmt.Errorf("write %d bytes at %v: %w", len(g.buf), Pos{g.segment.number, g.start}, err)
	}
	c.groups = c.groups[1:]
	if n := len(c.dirty); n == 0 || c.dirty[n-1] != g.segment {
		c.dirty = append(c.dirty, g.segment)
	}
	c.unsynced = append(c.unsynced, g)
	if within := c.l.opts.Sync.within(); c.due.IsZero() && within > 0 {
		c.due = time.Now().Add(within)
	}
	c.l.written(g)
	g.buf, g.footer = nil, nil
	give(&g.written, nil)
	return nil
}

// written notes that a group was.
func (l *Log) written(g *group) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stalled {
		l.stalled = false
		l.recount()
		l.room.Broadcast()
	}
	l.giveBack(g.buf)
	if l.opts.Sync != Always {
		l.reach(g)
	}
}

// sealed tells that a segment was.
func (c *committer) sealed(s *segment) {
	c.l.mu.Lock()
	s.sealed = true
	c.l.mu.Unlock()
	if c.l.opts.Sealed != nil {
		c.l.opts.Sealed(s.number)
	}
}

// stall tells those who wait that the disk is full, and waits a while. False: the
// log is being closed, or has failed, and there is no use in waiting.
func (c *committer) stall() bool {
	if !c.excuse() {
		return false
	}
	timer := time.NewTimer(retryAfter)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.l.commits:
	}
	return true
}

func (c *committer) excuse() (goOn bool) {
	l := c.l
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stalled = true
	l.recount()
	l.room.Broadcast()
	if g := l.opened(); g != nil {
		l.shut(g, kindEnd) // nothing joins it now
	}
	c.tell(ErrFull)
	return !l.closing && l.err == nil
}
