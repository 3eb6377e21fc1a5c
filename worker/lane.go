package worker

import (
	"slices"
	"sync"
	"time"
)

// laneRequests is how many requests of one kind may be under way at once.
const laneRequests = 4

// entry is one message on its way through a lane.
type entry struct {
	m   *Message
	due time.Time // when it is to leave at the latest; zero: at once
	at  time.Time // changes only: when the message is to be visible again
}

// A lane gathers entries for batch requests. A request leaves when ten entries
// are waiting or when one of them is due, and takes ten, the oldest first. When
// all of laneRequests are under way, what arrives is the next batch.
//
// A lane has no goroutine and no timer of its own while it is empty: each request
// has a goroutine, and one timer is armed for the entry due first.
type lane struct {
	send func([]entry)   // sends up to ten entries to the end; blocks
	wg   *sync.WaitGroup // counts requests

	mu      sync.Mutex
	waiting []entry
	busy    int // requests under way
	timer   *time.Timer
	eager   bool // everything is due: the lane is being closed
}

// add puts entries, in this order, behind those waiting.
func (l *lane) add(es ...entry) {
	if len(es) == 0 {
		return
	}
	l.mu.Lock()
	l.waiting = append(l.waiting, es...)
	l.startLocked()
	l.mu.Unlock()
}

// flush makes everything waiting due.
func (l *lane) flush() {
	l.mu.Lock()
	for i := range l.waiting {
		l.waiting[i].due = time.Time{}
	}
	l.startLocked()
	l.mu.Unlock()
}

// close makes everything due, now and from now on.
func (l *lane) close() {
	l.mu.Lock()
	l.eager = true
	l.startLocked()
	l.mu.Unlock()
}

// tick is called when the timer fires.
func (l *lane) tick() {
	l.mu.Lock()
	l.startLocked()
	l.mu.Unlock()
}

// startLocked starts the requests that may leave and arms the timer for the
// next. l.mu must be held.
func (l *lane) startLocked() {
	for len(l.waiting) > 0 && l.busy < laneRequests {
		if wait := l.waitLocked(); wait > 0 {
			if l.timer == nil {
				l.timer = time.AfterFunc(wait, l.tick)
			} else {
				l.timer.Reset(wait)
			}
			return
		}
		n := min(len(l.waiting), batchSize)
		batch := slices.Clone(l.waiting[:n])
		l.waiting = slices.Delete(l.waiting, 0, n)
		l.busy++
		l.wg.Go(func() { l.run(batch) })
	}
	if l.timer != nil {
		l.timer.Stop() // the end of a request will look again
	}
}

// waitLocked returns how long the next request has to wait, 0 or less if it may
// leave now. l.mu must be held, and something be waiting.
func (l *lane) waitLocked() time.Duration {
	if l.eager || len(l.waiting) >= batchSize {
		return 0
	}
	first := l.waiting[0].due
	for _, e := range l.waiting[1:] {
		if e.due.Before(first) {
			first = e.due
		}
	}
	return time.Until(first)
}

// run is the goroutine of a request.
func (l *lane) run(batch []entry) {
	l.send(batch)
	l.mu.Lock()
	l.busy--
	l.startLocked()
	l.mu.Unlock()
}
