package worker

import (
	"context"
	"sync"
	"time"
)

// laneRequests is how many requests of one kind may be under way at once.
const laneRequests = 4

// A lane gathers entries for batch requests. A request leaves when ten entries
// are waiting or when one of them is due, and takes ten, the oldest first. When
// all of laneRequests are under way, what arrives is the next batch. What fails
// comes back, to leave again when it is due; it holds up nothing meanwhile.
//
// A lane has no goroutine and no timer of its own while it is empty: each request
// has a goroutine, and one timer is armed for the entry due first.
type lane struct {
	send func([]entry) (again []entry) // makes a request of up to ten; blocks
	wg   sync.WaitGroup                // counts requests
	news chan struct{}                 // holds a token if a request has ended since it was last taken

	mu      sync.Mutex
	waiting []entry
	later   []entry   // tried, and not due yet
	wake    time.Time // no later than the first of later is due
	size    int       // entries waiting, later or under way
	busy    int       // requests under way
	timer   *time.Timer
	hurried bool // whatever is waiting is due
}

func newLane(send func([]entry) []entry) *lane {
	return &lane{send: send, news: make(chan struct{}, 1)}
}

// add puts entries, in this order, behind those waiting.
func (l *lane) add(es ...entry) {
	if len(es) == 0 {
		return
	}
	l.mu.Lock()
	l.size += len(es)
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

// hurry makes everything due that is here now, tried or not, and from now on
// what is added; what fails from now on is soon due again. It may be called
// again.
func (l *lane) hurry() {
	l.mu.Lock()
	l.hurried = true
	for i := range l.later {
		l.later[i].due = time.Time{}
	}
	l.wake = time.Time{}
	l.startLocked()
	l.mu.Unlock()
}

// wait waits until at most n entries are left, or until ctx ends. Only one
// goroutine at a time may wait.
func (l *lane) wait(ctx context.Context, n int) {
	for l.left() > n {
		select {
		case <-l.news:
		case <-ctx.Done():
			return
		}
	}
}

func (l *lane) left() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.size
}

// startLocked starts the requests that may leave and arms the timer for the
// next. l.mu must be held.
func (l *lane) startLocked() {
	now := time.Now()
	l.recallLocked(now)
	for l.busy < laneRequests && len(l.waiting) > 0 && !l.nextLocked().After(now) {
		n := min(len(l.waiting), batchSize)
		batch := l.waiting[:n:n]
		l.waiting = l.waiting[n:]
		l.busy++
		l.wg.Go(func() { l.run(batch) })
	}
	if l.timer != nil {
		l.timer.Stop()
	}
	if l.busy == laneRequests || len(l.waiting)+len(l.later) == 0 {
		return // the end of a request, or an entry, will have a look
	}
	next := l.wake
	if len(l.later) == 0 || len(l.waiting) > 0 && l.nextLocked().Before(next) {
		next = l.nextLocked()
	}
	if l.timer == nil {
		l.timer = time.AfterFunc(next.Sub(now), l.tick)
	} else {
		l.timer.Reset(next.Sub(now))
	}
}

// recallLocked has those wait again whose time to be tried again has come. l.mu
// must be held.
func (l *lane) recallLocked(now time.Time) {
	if len(l.later) == 0 || l.wake.After(now) {
		return
	}
	later := l.later
	l.later = nil
	for _, e := range later {
		if e.due.After(now) {
			l.postponeLocked(e)
			continue
		}
		e.due = time.Time{}
		l.waiting = append(l.waiting, e)
	}
}

// grid is what the times at which entries are tried again are rounded up to, so
// that they share requests again.
const grid = 50 * time.Millisecond

// postponeLocked keeps e until it is due. l.mu must be held.
func (l *lane) postponeLocked(e entry) {
	e.due = e.due.Add(grid - 1).Truncate(grid)
	if len(l.later) == 0 || e.due.Before(l.wake) {
		l.wake = e.due
	}
	l.later = append(l.later, e)
}

// nextLocked returns when the next request may leave. l.mu must be held, and
// something be waiting.
func (l *lane) nextLocked() time.Time {
	if l.hurried || len(l.waiting) >= batchSize {
		return time.Time{}
	}
	first := l.waiting[0].due
	for _, e := range l.waiting[1:] {
		if e.due.Before(first) {
			first = e.due
		}
	}
	return first
}

// tick is called when the timer fires.
func (l *lane) tick() {
	l.mu.Lock()
	l.startLocked()
	l.mu.Unlock()
}

// run is the goroutine of a request.
func (l *lane) run(batch []entry) {
	again := l.send(batch)
	l.mu.Lock()
	l.busy--
	l.size -= len(batch) - len(again)
	for _, e := range again {
		if latest := time.Now().Add(backoff(1)); l.hurried && e.due.After(latest) {
			e.due = latest
		}
		l.postponeLocked(e)
	}
	l.startLocked()
	l.mu.Unlock()
	select {
	case l.news <- struct{}{}:
	default:
	}
}
