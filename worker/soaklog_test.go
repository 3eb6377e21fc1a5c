package worker_test

import (
	"fmt"
	"strings"
	"time"
)

// soakLog keeps the last few thousand things that happened.
type soakLog struct {
	entries []soakEntry
	next    int
}

type soakEntry struct {
	at    time.Time
	who   string // a worker
	what  string
	about *soakCopy
	count int // receives, or seconds of a change of visibility
	err   error
}

const soakLogSize = 20_000

func (l *soakLog) add(e soakEntry) {
	e.at = time.Now()
	if len(l.entries) < soakLogSize {
		l.entries = append(l.entries, e)
		return
	}
	l.entries[l.next] = e
	l.next = (l.next + 1) % soakLogSize
}

// concerns reports whether an entry is about c, or about more than an extension of one
// of its group.
func (e soakEntry) concerns(c *soakCopy) bool {
	if e.about == nil || e.about == c {
		return true
	}
	return c.job.Group != "" && e.about.job.Group == c.job.Group && e.what != "change"
}

// about returns what happened last to a message, and to its group.
func (l *soakLog) about(c *soakCopy) string {
	var found []soakEntry
	for i := range l.entries {
		if e := l.entries[(l.next+i)%len(l.entries)]; e.concerns(c) {
			found = append(found, e)
		}
	}
	var b strings.Builder
	for _, e := range found[max(0, len(found)-100):] {
		fmt.Fprintf(&b, "\n  %s %-14s %-18s", e.at.Format("02 15:04:05.000000"), e.who, e.what)
		if e.about != nil {
			fmt.Fprintf(&b, " %d", e.about.job.N)
		}
		if e.count != 0 {
			fmt.Fprintf(&b, " (%d)", e.count)
		}
		if e.err != nil {
			fmt.Fprintf(&b, " %v", e.err)
		}
	}
	return b.String()
}
