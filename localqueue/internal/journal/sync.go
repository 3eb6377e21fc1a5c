package journal

import "time"

// batch is groups that were written and are not known to be on the disk.
type batch struct {
	dirty  []*segment // that have them, in order
	asked  []*group   // somebody waits for; the last may be another one
	last   *group     // nil: there are none
	urgent bool       // they are to be synced now
	due    time.Time  // by when they must be; zero: no such time
}

// add adds a group that was written behind all others. The segment's last one is
// synced without being asked for, so that few segments are unsynced, but under Never.
func (b *batch) add(g *group, policy SyncPolicy) {
	if within := policy.within(); b.last == nil && within > 0 {
		b.due = time.Now().Add(within)
	}
	if b.last != nil && b.last.synced != nil {
		b.asked, b.urgent = append(b.asked, b.last), true
	}
	if n := len(b.dirty); n == 0 || b.dirty[n-1] != g.segment {
		b.dirty = append(b.dirty, g.segment)
	}
	b.last = g
	b.urgent = b.urgent || g.synced != nil || g.last && policy != Never
}

// answer takes those who wait for any of it.
func (b *batch) answer() []*notice {
	var all []*notice
	for _, g := range b.asked {
		all = append(all, take(&g.synced))
	}
	if b.last != nil {
		all = append(all, take(&b.last.synced))
	}
	return all
}

// emptied is an empty one that uses b's memory.
func (b *batch) emptied() batch {
	clear(b.asked)
	clear(b.dirty)
	return batch{dirty: b.dirty[:0], asked: b.asked[:0]}
}

// sync brings what was written when c became the syncer to the disk. What is written
// meanwhile is not covered, whatever the disk makes of it.
func (c *committer) sync() {
	l := c.l
	var err error
	for _, s := range l.syncing.dirty {
		if err = s.file.Sync(); err != nil {
			err = &syncError{segmentName(s.number), err}
			l.fail(err)
			break
		}
	}
	told := l.landed(err == nil)
	if err != nil {
		err = l.failure()
	}
	for _, n := range told {
		n.give(err)
	}
}

// landed notes that a sync has come to its end, and says who is to be told.
func (l *Log) landed(sound bool) []*notice {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := &l.syncing
	told := b.answer()
	if sound {
		l.synced = b.last.seq
		if l.opts.Sync == Always {
			l.reach(b.last)
		}
	}
	l.syncing = b.emptied()
	return told
}
