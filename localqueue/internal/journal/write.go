package journal

import (
	"fmt"
	"slices"
	"time"
)

// write writes c's group. As long as the disk is full it tells all who wait, and tries
// again: the same bytes in the same place, so that it makes no difference how much of
// them a try left there.
func (c *committer) write() {
	g := c.group
	err := g.write()
	for diskFull(err) {
		if !c.stall() {
			c.l.fail(noted(err))
			return
		}
		err = g.write()
	}
	if err != nil {
		c.l.fail(fmt.Errorf("write %d bytes at %v: %w", len(g.buf), Pos{g.segment.number, g.start}, err))
		return
	}
	c.l.written(g).give(nil)
	if g.last && c.l.opts.Sealed != nil {
		c.l.opts.Sealed(g.segment.number)
	}
}

// written notes that the first group was, and says who is to be told.
func (l *Log) written(g *group) *notice {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stalled {
		l.stalled = false
		l.recount()
		l.room.Broadcast()
	}
	l.pending = slices.Delete(l.pending, 0, 1)
	l.unsynced.add(g, l.opts.Sync)
	l.giveBack(g.buf)
	g.buf, g.footer = nil, nil
	if g.last {
		g.segment.sealed = true
	}
	if l.opts.Sync != Always {
		l.reach(g)
	}
	return take(&g.written)
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
	case <-c.l.over:
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
	tell(l.pending, ErrFull)
	wake(l.commits) // the other one syncs meanwhile what was written before
	return !l.closing && l.err == nil
}
