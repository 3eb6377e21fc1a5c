package worker

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// leases keeps the messages in the worker's hands invisible: those that wait, those
// that run and those that wait behind one that runs. It extends their visibility
// timeouts at about half of it, by tens, and tells handlers whose message is lost.
//
// Messages are ordered by when something is due for them. One timer is armed for
// the first; each request has a goroutine. There is one leases per run.
type leases struct {
	run  *run
	lane *lane

	mu    sync.Mutex
	heap  leaseHeap
	timer *time.Timer
	armed time.Time // zero: it is not
	cause error     // with which handlers are cancelled from now on; nil: they are not
	ended bool      // by close
	ticks sync.WaitGroup

	ctx  context.Context // of requests
	stop context.CancelFunc
}

func newLeases(r *run) *leases {
	l := &leases{run: r}
	l.ctx, l.stop = context.WithCancel(r.values)
	l.lane = newLane(laneRequests, l.extend)
	return l
}

// add takes charge of messages that were just received.
func (l *leases) add(ms []*Message) {
	if len(ms) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range ms {
		heap.Push(&l.heap, m)
	}
	l.armLocked()
}

// start reports whether m may be handled: not if it is lost. From now on cancel is
// called if it is.
func (l *leases) start(m *Message, now time.Time, cancel context.CancelCauseFunc) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m.lease.state == lost || m.lease.state == over || !now.Before(m.lease.lasts) {
		l.dropLocked(m)
		m.lease.state = lost
		return false
	}
	m.lease.began, m.lease.cancel, m.lease.buffered = now, cancel, false
	m.lease.least = m.lease.lasts.Sub(now) - grace(l.run.queue.visibility)
	l.limitLocked(m, l.run.opts.MaxLease)
	if l.cause != nil {
		cancel(l.cause)
	}
	return true
}

// interrupt cancels the handlers of ms, and those that start from now on.
func (l *leases) interrupt(ms []*Message, cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cause = cause
	for _, m := range ms {
		if m.lease.cancel != nil {
			m.lease.cancel(cause)
		}
	}
}

// rest says that m waits again, to be started anew later.
func (l *leases) rest(m *Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m.lease.began, m.lease.cancel, m.lease.warned = time.Time{}, nil, false
	l.limitLocked(m, 0)
}

// watch has cancel called if m, which waits, is lost; nil: no more.
func (l *leases) watch(m *Message, cancel context.CancelCauseFunc) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m.lease.cancel = cancel
	if cancel != nil && m.lease.state == lost {
		cancel(ErrLeaseLost)
	}
}

// limit sets how long after its start the handler of m may hold it.
func (l *leases) limit(m *Message, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !m.lease.began.IsZero() {
		l.limitLocked(m, d)
	}
}

func (l *leases) limitLocked(m *Message, d time.Duration) {
	before := m.lease.limit
	m.lease.limitLease(d, l.run.queue.visibility)
	if m.lease.place > 0 && !m.lease.limit.Equal(before) {
		l.rescheduleLocked(m)
	}
}

// mayHold reports whether m can be kept for d and then be handled again: not if it
// is lost, or nears the longest that SQS allows.
func (l *leases) mayHold(m *Message, d time.Duration) bool {
	return !l.isLost(m) && time.Now().Add(d).Before(l.latestHold(m))
}

// shorten returns d, or as much of it as mayHold allows, if it allows anything.
func (l *leases) shorten(m *Message, d time.Duration) time.Duration {
	if most := time.Until(l.latestHold(m)) - time.Second; most > 0 {
		return min(d, most)
	}
	return d
}

// latestHold is when a message that is held has to be handled again.
func (l *leases) latestHold(m *Message) time.Time {
	return m.lease.polled.Add(DefaultMaxLease - l.run.queue.visibility)
}

func (l *leases) isLost(m *Message) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return m.lease.state == lost
}

// end ends the lease of m, which will not be extended any more. It reports false if
// an extension is under way: then run.settled is called when that is answered, and
// nothing may be asked for m before.
func (l *leases) end(m *Message) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dropLocked(m)
	if m.lease.state == flying {
		m.lease.state = ending
		return false
	}
	if m.lease.state != lost {
		m.lease.state = over
	}
	return true
}

// buffer says that ms wait for permits, and may go back if that takes long.
func (l *leases) buffer(ms []*Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range ms {
		m.lease.buffered = true
	}
}

// count returns how many leases are kept.
func (l *leases) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.heap)
}

// close gives extensions under way d to be answered, and waits for their end. No
// lease may be left.
func (l *leases) close(d time.Duration) {
	l.mu.Lock()
	l.ended = true
	if l.timer != nil {
		l.timer.Stop()
	}
	l.mu.Unlock()
	l.ticks.Wait()
	late := time.AfterFunc(d, l.stop)
	defer late.Stop()
	l.lane.close()
	l.stop()
}

func (l *leases) dropLocked(m *Message) {
	if m.lease.place > 0 {
		heap.Remove(&l.heap, int(m.lease.place)-1)
	}
}

func (l *leases) rescheduleLocked(m *Message) {
	m.lease.schedule(l.run.queue.visibility)
	heap.Fix(&l.heap, int(m.lease.place)-1)
	l.armLocked()
}

// armLocked arms the timer for the first lease. A timer that fires too early, since
// the lease that it was armed for has ended, costs less than one that is set for
// every message. l.mu must be held.
func (l *leases) armLocked() {
	if len(l.heap) == 0 || l.ended {
		return
	}
	first := l.heap[0].lease.next
	if !l.armed.IsZero() && !first.Before(l.armed) {
		return
	}
	l.armed = first
	if l.timer == nil {
		l.timer = time.AfterFunc(time.Until(first), l.tick)
	} else {
		l.timer.Reset(time.Until(first))
	}
}

// leaseHeap orders messages by lease.next.
type leaseHeap []*Message

func (h leaseHeap) Len() int           { return len(h) }
func (h leaseHeap) Less(i, j int) bool { return h[i].lease.next.Before(h[j].lease.next) }
func (h leaseHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].lease.place, h[j].lease.place = int32(i+1), int32(j+1)
}

func (h *leaseHeap) Push(x any) {
	m := x.(*Message)
	*h = append(*h, m)
	m.lease.place = int32(len(*h))
}

func (h *leaseHeap) Pop() any {
	last := len(*h) - 1
	m := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	m.lease.place = 0
	return m
}
