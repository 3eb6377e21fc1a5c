package engine

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Ledger is the account of the segments of a log: what each is needed for. Its
// methods may be called from several goroutines at once. Until Set it takes every
// bond; from then on those to segments that are there.
//
// Whoever appends a record books it afterwards, under the lock of a queue. A segment
// may have been sealed in between: only once each lock that was held then was
// released does Dead tell of everything in it.
type Ledger struct {
	// Idle is told, if set, when nothing needs a segment's bytes any more. It is called
	// under the locks of queues and must not wait.
	Idle func(segment uint32)

	accounts atomic.Pointer[map[uint32]*account] // replaced as a whole
	mu       sync.Mutex                          // of who replaces it, and of bonds
	settled  bool                                // what has no account is not there
}

type account struct {
	bytes atomic.Int64         // needed
	last  atomic.Pointer[bond] // the latest that was booked
	until map[uint32]*bond     // by segment
}

// bond is that a segment must outlast another one.
type bond struct {
	until  uint32
	copied atomic.Bool  // it has copies of what is there
	bytes  atomic.Int64 // to write again what it tells of that
}

// find is the account of a segment, nil if it has none.
func (l *Ledger) find(segment uint32) *account {
	if m := l.accounts.Load(); m != nil {
		return (*m)[segment]
	}
	return nil
}

// account is the one of a segment, a new one if it has none.
func (l *Ledger) account(segment uint32) *account {
	if a := l.find(segment); a != nil {
		return a
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.find(segment); a != nil {
		return a
	}
	a, all := new(account), l.copy()
	all[segment] = a
	l.accounts.Store(&all)
	return a
}

// copy is of all accounts, to be changed. mu is held.
func (l *Ledger) copy() map[uint32]*account {
	if m := l.accounts.Load(); m != nil {
		return maps.Clone(*m)
	}
	return map[uint32]*account{}
}

// Need books bytes of a segment as needed, or, negative, as needed no more.
// Segment 0 is none.
func (l *Ledger) Need(segment uint32, bytes int) {
	if segment == 0 {
		return
	}
	if l.account(segment).bytes.Add(int64(bytes)) == 0 && l.Idle != nil {
		l.Idle(segment)
	}
}

// Bind books that segment in must stay as long as segment until is there, of which it
// tells something that takes so many bytes to write again.
func (l *Ledger) Bind(in, until uint32, bytes int) {
	if b := l.bond(in, until); b != nil {
		b.bytes.Add(int64(bytes))
	}
}

// Copied books the same of a segment that has copies of what is in the other one.
func (l *Ledger) Copied(in, until uint32) {
	if b := l.bond(in, until); b != nil {
		b.copied.Store(true)
	}
}

// bond is the one of these segments, nil if there can be none.
func (l *Ledger) bond(in, until uint32) *bond {
	if in == until || in == 0 || until == 0 {
		return nil
	}
	a := l.account(in)
	if b := a.last.Load(); b != nil && b.until == until {
		return b // one of many in a row
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.settled && l.find(until) == nil {
		return nil // it is not there any more
	}
	b := a.until[until]
	if b == nil {
		b = &bond{until: until}
		if a.until == nil {
			a.until = map[uint32]*bond{}
		}
		a.until[until] = b
	}
	a.last.Store(b)
	return b
}

// Set replaces what is needed, after recovery, by what was added up. The segments
// are all there are; bonds to others end.
func (l *Ledger) Set(segments []uint32, need map[uint32]int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make(map[uint32]*account, len(segments))
	for _, n := range segments {
		a := new(account)
		a.bytes.Store(need[n])
		all[n] = a
	}
	for n, a := range all {
		if old := l.find(n); old != nil {
			a.until = old.until
			maps.DeleteFunc(a.until, func(until uint32, _ *bond) bool { return all[until] == nil })
		}
	}
	l.accounts.Store(&all)
	l.settled = true
}

// Needed is how many bytes of a segment are needed, about.
func (l *Ledger) Needed(segment uint32) int64 {
	if a := l.find(segment); a != nil {
		return a.bytes.Load()
	}
	return 0
}

// Dead reports whether a segment may go as it is.
func (l *Ledger) Dead(segment uint32) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.find(segment)
	return a == nil || a.bytes.Load() == 0 && len(a.until) == 0
}

// Clearable reports whether a segment could go once what is needed of it was
// written again.
func (l *Ledger) Clearable(segment uint32) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.find(segment)
	if a == nil {
		return true
	}
	for _, b := range a.until {
		if b.copied.Load() {
			return false
		}
	}
	return true
}

// Told is how many bytes it takes, about, to write again what a segment tells of others
// that are there.
func (l *Ledger) Told(segment uint32) (bytes int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.find(segment); a != nil {
		for _, b := range a.until {
			bytes += b.bytes.Load()
		}
	}
	return bytes
}

// Unbind ends the bonds of a segment: everything it tells of others was written
// again.
func (l *Ledger) Unbind(segment uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.find(segment); a != nil {
		a.until = nil
		a.last.Store(nil)
	}
}

// Dropped books that segments are gone for good: no crash brings them back.
func (l *Ledger) Dropped(segments ...uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.copy()
	for _, n := range segments {
		delete(all, n)
	}
	for _, a := range all {
		for _, n := range segments {
			delete(a.until, n)
		}
		a.last.Store(nil)
	}
	l.accounts.Store(&all)
}
