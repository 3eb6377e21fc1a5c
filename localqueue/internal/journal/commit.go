package journal

import (
	"runtime"
	"slices"
	"time"
)

// committer writes groups and syncs what was written. There are two, alike, so that one
// can write while the other syncs: at any time one at most is the writer, the only
// goroutine that writes to segments in use, and one at most the syncer. Whoever wrote
// what is urgent syncs it himself, so that nothing waits for the other to wake up.
type committer struct {
	l     *Log
	group *group    // to be written
	until time.Time // when there is work without being woken; zero: no such time
}

// job is what a committer does next.
type job int

const (
	jobRest job = iota
	jobWrite
	jobSync
	jobEnd
)

func (l *Log) commit() {
	defer l.running.Done()
	c := &committer{l: l}
	for {
		switch c.next() {
		case jobWrite:
			c.write()
		case jobSync:
			c.sync()
		case jobRest:
			c.rest()
		case jobEnd:
			return
		}
	}
}

// next ends what c did last and says what it does now. What was written is synced next
// if that is urgent; what came during a sync is written before the next one. When
// the log is being closed, whoever does something still does all that is left.
func (c *committer) next() job {
	l := c.l
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.writer == c && l.err == nil && l.syncable() {
		l.writer = nil
		return c.toSync()
	}
	if l.writer == c || l.syncer == c || l.syncer != nil && l.writable() {
		l.mu.Unlock()
		runtime.Gosched() // who was answered, or is running, may have more for the next group
		l.mu.Lock()
		c.retire()
	}
	switch {
	case l.err != nil:
		return jobEnd
	case l.writable():
		return c.toWrite()
	case l.syncable():
		return c.toSync()
	case l.closing:
		return jobEnd
	}
	c.until = time.Time{}
	if l.syncer == nil {
		c.until = l.unsynced.due
	}
	return jobRest
}

// retire makes c neither writer nor syncer. The caller holds the lock.
func (c *committer) retire() {
	if c.l.writer == c {
		c.l.writer = nil
	}
	if c.l.syncer == c {
		c.l.syncer = nil
	}
}

// toWrite makes c the writer. The caller holds the lock.
func (c *committer) toWrite() job {
	l := c.l
	l.writer, c.group = c, l.pending[0]
	if !c.group.closed {
		l.shut(c.group, kindEnd)
	}
	return jobWrite
}

// toSync makes c the syncer, for all that is written. The caller holds the lock.
func (c *committer) toSync() job {
	l := c.l
	l.syncer = c
	l.unsynced, l.syncing = l.syncing.emptied(), l.unsynced
	l.stir() // c was the writer, perhaps, and did not look for more to write
	return jobSync
}

// writable reports whether the first group is to be written now, and nobody is writing.
// While a sync is in flight that is so if somebody waits for no more than this; all
// others share the next sync. The caller holds the lock.
func (l *Log) writable() bool {
	if l.writer != nil || len(l.pending) == 0 {
		return false
	}
	return l.syncer == nil || slices.ContainsFunc(l.pending, func(g *group) bool { return g.hasty })
}

// syncable reports whether what was written is to be synced now, and nobody is syncing.
// The caller holds the lock.
func (l *Log) syncable() bool {
	b := &l.unsynced
	if l.syncer != nil || b.last == nil {
		return false
	}
	return b.urgent || b.last.synced != nil || l.closing || !b.due.IsZero() && !time.Now().Before(b.due)
}

// stir wakes a committer if there is something to do that nobody would see otherwise.
// The caller holds the lock.
func (l *Log) stir() {
	if l.writable() || l.syncable() {
		wake(l.commits)
	}
}

// rest waits for work, or for the time by which something must be synced.
func (c *committer) rest() {
	var due <-chan time.Time
	if !c.until.IsZero() {
		timer := time.NewTimer(time.Until(c.until))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
	case <-c.l.commits:
	case <-c.l.over:
	}
}
