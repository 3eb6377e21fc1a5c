package worker

import (
	"context"
	"slices"
	"sync"
	"time"
)

// laneRequests is how many requests of one kind may be under way at once at least: at 20 ms
// each, as many as settle 8,000 messages a second. Extensions must not wait for others that
// hang. Deletes and changes of visibility may have as many as there may be pollers, since
// what is received by tens at a distance is settled by tens at the same distance.
const laneRequests = 16

// A lane gathers entries for batch requests. A request leaves when ten entries
// are waiting or when one of them is due, and takes ten, the oldest first. When
// as many are under way as may be, what arrives is the next batch. What fails
// comes back, to leave again when it is due; it holds up nothing meanwhile.
//
// Each request under way has a goroutine, which waits for the next when it is done,
// until the lane is closed: stacks that have grown to what a client takes are not
// thrown away. One timer is armed for the entry due first.
type lane struct {
	most int                           // requests under way
	send func([]entry) (again []entry) // makes a request of up to ten; blocks
	wg   sync.WaitGroup                // counts the goroutines

	mu      sync.Mutex
	waiting []entry
	room    []entry        // where waiting starts over when it is empty
	later   []entry        // tried, and not due yet
	wake    time.Time      // no later than the first of later is due
	size    int            // entries waiting, later or under way
	busy    int            // requests under way
	idle    []chan []entry // of goroutines that wait for a request
	closed  bool
	flushes bool // when no request is under way any more
	timer   *time.Timer
	armed   time.Time     // when it fires; zero: it does not
	hurried bool          // whatever is waiting is due
	fewer   chan struct{} // closed when a request ends, if somebody waits for that
}

func newLane(most int, send func([]entry) []entry) *lane {
	return &lane{most: most, send: send}
}

// add puts entries, in this order, behind those waiting.
func (l *lane) add(es ...entry) {
	if len(es) == 0 {
		return
	}
	l.mu.Lock()
	l.size += len(es)
	l.waiting = append(l.waiting, es...)
	if cap(l.waiting) > cap(l.room) {
		l.room = l.waiting
	}
	if !l.patientLocked(es) {
		l.startLocked()
	}
	l.mu.Unlock()
}

// patientLocked reports whether the timer is soon enough for es, which were just
// added: mostly it is set for one that was there before. l.mu must be held.
func (l *lane) patientLocked(es []entry) bool {
	if l.hurried || l.armed.IsZero() || len(l.waiting) >= batchSize {
		return false
	}
	for i := range es {
		if es[i].due.Before(l.armed) {
			return false
		}
	}
	return true
}

// flush makes everything waiting due, as soon as no request is under way: what comes
// meanwhile leaves with it.
func (l *lane) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.flushes = l.busy > 0; !l.flushes {
		l.flushLocked()
	}
}

func (l *lane) flushLocked() {
	for i := range l.waiting {
		l.waiting[i].due = time.Time{}
	}
	l.startLocked()
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

// wait waits until at most n entries are left, or until ctx ends.
func (l *lane) wait(ctx context.Context, n int) {
	for {
		l.mu.Lock()
		if l.size <= n {
			l.mu.Unlock()
			return
		}
		if l.fewer == nil {
			l.fewer = make(chan struct{})
		}
		fewer := l.fewer
		l.mu.Unlock()
		select {
		case <-fewer:
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
	for l.busy < l.most && len(l.waiting) > 0 && !l.nextLocked().After(now) {
		batch := l.takeLocked()
		l.busy++
		if n := len(l.idle); n > 0 {
			l.idle[n-1] <- batch // it holds one, and nobody else has it
			l.idle = l.idle[:n-1]
		} else {
			l.wg.Go(func() { l.run(batch) })
		}
	}
	if l.busy == l.most || len(l.waiting)+len(l.later) == 0 {
		return // the end of a request, or an entry, will have a look
	}
	next := l.wake
	if len(l.later) == 0 || len(l.waiting) > 0 && l.nextLocked().Before(next) {
		next = l.nextLocked()
	}
	l.armLocked(next, now)
}

// takeLocked takes the oldest entries for a request, which will own them.
func (l *lane) takeLocked() []entry {
	n := min(len(l.waiting), batchSize)
	batch := slices.Clone(l.waiting[:n])
	if l.waiting = l.waiting[n:]; len(l.waiting) == 0 {
		l.waiting = l.room[:0]
	}
	return batch
}

// armLocked has tick called at next, if it would not be called before. A call too
// early costs less than a timer set for every entry. l.mu must be held.
func (l *lane) armLocked(next, now time.Time) {
	if !l.armed.IsZero() && !next.Before(l.armed) {
		return
	}
	l.armed = next
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

// upTo returns the next multiple of step after t. It keeps what Truncate drops, the
// monotonic reading: a wall clock that is set back holds nothing up.
func upTo(t time.Time, step time.Duration) time.Time {
	wall := t.Round(0)
	return t.Add(wall.Truncate(step).Add(step).Sub(wall))
}

// postponeLocked keeps e until it is due. l.mu must be held.
func (l *lane) postponeLocked(e entry) {
	e.due = upTo(e.due.Add(-1), grid)
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
	l.armed = time.Time{}
	l.startLocked()
	l.mu.Unlock()
}
