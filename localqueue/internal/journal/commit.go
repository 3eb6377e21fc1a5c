package journal

import (
	"runtime"
	"time"
)

// committer writes groups and syncs them, one after the other: the only goroutine
// that writes to segments in use.
type committer struct {
	l        *Log
	groups   []*group   // taken, not written yet
	flush    *notice    // asks for everything to be synced; nil: nobody does
	dirty    []*segment // written since they were last synced
	unsynced []*group   // in dirty, and not known to be on the disk
	urged    uint64     // as the log's
	due      time.Time  // by when they must be; zero: no such time
}

func (l *Log) commit() {
	defer l.running.Done()
	c := &committer{l: l}
	for last := false; !last; {
		last = c.take()
		idle := len(c.groups) == 0 && c.flush == nil && !last
		if err := c.process(last); err != nil {
			l.fail(err)
			c.abandon()
			return
		}
		if last {
			if err := c.mark(); err != nil {
				l.fail(err)
			}
		} else if idle {
			c.sleep()
		} else {
			runtime.Gosched() // whoever was answered may come back with more for the next group
		}
	}
}

// take takes what is to be done. last: the log is being closed, nothing comes
// any more.
func (c *committer) take() (last bool) {
	l := c.l
	l.mu.Lock()
	defer l.mu.Unlock()
	if g := l.opened(); g != nil {
		l.shut(g, kindEnd)
	}
	c.groups, l.pending = l.pending, nil
	c.flush, l.flush = l.flush, nil
	c.urged = l.urged
	return l.closing
}

// process writes what was taken and syncs what is to be synced.
func (c *committer) process(last bool) error {
	if err := c.l.failure(); err != nil {
		return err
	}
	for len(c.groups) > 0 {
		g := c.groups[0]
		if err := c.write(g); err != nil {
			return err
		}
		if g.sync || g.last && c.l.opts.Sync != Never {
			if err := c.sync(); err != nil {
				return err
			}
		}
		if g.last {
			c.sealed(g.segment)
		}
	}
	if c.flush == nil && !last && !c.pressed() {
		return nil
	}
	if err := c.sync(); err != nil {
		return err
	}
	give(&c.flush, nil)
	return nil
}

// pressed reports whether somebody awaits what is written, or it has waited long enough.
func (c *committer) pressed() bool {
	return c.urged > 0 && c.urged >= c.l.safe.Load() || !c.due.IsZero() && !time.Now().Before(c.due)
}

// sync brings everything written to the disk.
func (c *committer) sync() error {
	for _, s := range c.dirty {
		if err := s.file.Sync(); err != nil {
			return &syncError{segmentName(s.number), err}
		}
	}
	c.dirty, c.due = c.dirty[:0], time.Time{}
	if n := len(c.unsynced); n > 0 {
		c.l.mu.Lock()
		c.l.synced = c.unsynced[n-1].seq
		c.l.reach(c.unsynced[n-1])
		c.l.mu.Unlock()
	}
	for _, g := range c.unsynced {
		give(&g.synced, nil)
	}
	clear(c.unsynced)
	c.unsynced = c.unsynced[:0]
	return nil
}

// sleep waits for work, or for the time by which something must be synced.
func (c *committer) sleep() {
	if c.due.IsZero() {
		<-c.l.commits
		return
	}
	timer := time.NewTimer(time.Until(c.due))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.l.commits:
	}
}

// abandon tells everybody who waits why the log ended.
func (c *committer) abandon() {
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	for _, g := range c.unsynced {
		give(&g.synced, c.l.err)
	}
	c.tell(c.l.err)
}

// tell answers all who wait for something that is not written. The caller holds
// the lock.
func (c *committer) tell(err error) {
	for _, groups := range [][]*group{c.groups, c.l.pending} {
		for _, g := range groups {
			give(&g.written, err)
			give(&g.synced, err)
		}
	}
	give(&c.flush, err)
	give(&c.l.flush, err)
	give(&c.l.safer, err)
}

// give answers and forgets, so that nobody is answered twice.
func give(n **notice, err error) {
	(*n).give(err)
	*n = nil
}

// failure is the error that ended the log, nil while it goes on.
func (l *Log) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}
