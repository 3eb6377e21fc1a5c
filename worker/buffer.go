package worker

import (
	"context"
	"slices"
	"time"
)

// buffer holds the chains that were received ahead of a permit, in order, if
// Options.Prefetch allows it. They are leased while they wait. It takes no more
// than was handled lately, within half the queue's visibility timeout: what it
// takes beyond that would wait long, be given back, and have lost a receive for
// nothing.
//
// It is guarded by run.mu. The feeder starts its chains as permits become free.
type buffer struct {
	run       *run
	most      int   // messages
	mostBytes int64 // of their bodies and attributes

	waiting  []*chain
	messages int
	bytes    int64
	asked    int // messages that polls under way may bring beyond their permits

	changed chan struct{} // closed, and made anew, when there is more room or something to start

	window      time.Time // when the present window began; see ended
	before, now int       // messages handled in the last window and in the present one
}

func newBuffer(r *run) *buffer {
	return &buffer{run: r, most: r.opts.Prefetch, mostBytes: r.opts.PrefetchBytes, changed: make(chan struct{})}
}

func (b *buffer) changedLocked() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// ended counts a message that was handled. run.mu must be held.
func (b *buffer) ended() {
	if b.most > 0 {
		b.rollLocked(time.Now())
		b.now++
	}
}

// rollLocked begins a new window if the present one is over: a quarter of the
// visibility timeout, so that the last and the present one are at most a half.
func (b *buffer) rollLocked(now time.Time) {
	length := b.run.queue.visibility / 4
	switch passed := now.Sub(b.window); {
	case passed >= 2*length:
		b.window, b.before, b.now = now, 0, 0
	case passed >= length:
		b.window, b.before, b.now = b.window.Add(length), b.now, 0
	}
}

// reserve returns for how many of n messages there is room beyond permits.
func (b *buffer) reserve(n int) int {
	b.run.mu.Lock()
	defer b.run.mu.Unlock()
	b.rollLocked(time.Now())
	room := min(b.most, b.before+b.now) - b.messages - b.asked
	size := b.run.queue.maxSize
	room = min(room, int((b.mostBytes-b.bytes)/size)-b.asked)
	n = max(0, min(n, room))
	b.asked += n
	return n
}

// empty reports whether nothing waits.
func (b *buffer) empty() bool {
	b.run.mu.Lock()
	defer b.run.mu.Unlock()
	return len(b.waiting) == 0
}

// change returns a channel that is closed by the next change.
func (b *buffer) change() <-chan struct{} {
	b.run.mu.Lock()
	defer b.run.mu.Unlock()
	return b.changed
}

// unreserve takes n back from what polls may bring.
func (b *buffer) unreserve(n int) {
	if n == 0 {
		return
	}
	b.run.mu.Lock()
	defer b.run.mu.Unlock()
	b.asked -= n
	b.changedLocked()
}

// addLocked takes c, which has no permit, in. run.mu must be held.
func (b *buffer) addLocked(c *chain) {
	b.waiting = append(b.waiting, c)
	b.enterLocked(c)
}

// addFirstLocked takes in a chain that was parked, before those that were not.
func (b *buffer) addFirstLocked(c *chain) {
	i := 0
	for i < len(b.waiting) && b.waiting[i].passed > 0 {
		i++
	}
	b.waiting = slices.Insert(b.waiting, i, c)
	b.enterLocked(c)
}

// nextUnparkedLocked takes out the first chain that was parked, if there is one.
func (b *buffer) nextUnparkedLocked() *chain {
	if len(b.waiting) == 0 || b.waiting[0].passed == 0 {
		return nil
	}
	c := b.waiting[0]
	b.removeLocked(c)
	return c
}

func (b *buffer) enterLocked(c *chain) {
	b.messages += len(c.waiting)
	b.bytes += bytesOf(c.waiting)
	b.changedLocked()
}

// leaveLocked is for a chain whose messages do not wait for a permit any more.
func (b *buffer) leaveLocked(c *chain) {
	b.messages -= len(c.waiting)
	b.bytes -= bytesOf(c.waiting)
	b.changedLocked()
}

// removeLocked takes c out, and reports false if it has left already.
func (b *buffer) removeLocked(c *chain) bool {
	i := slices.Index(b.waiting, c)
	if i < 0 {
		return false
	}
	b.waiting = slices.Delete(b.waiting, i, i+1)
	b.leaveLocked(c)
	return true
}

// wait waits until something is in b, or there may be room, or ctx ends.
func (b *buffer) wait(ctx context.Context, enough func() bool) bool {
	for {
		b.run.mu.Lock()
		ok, changed := enough(), b.changed
		b.run.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// feed is the goroutine that starts what is buffered, until ctx ends.
func (r *run) feed(ctx context.Context) {
	b := r.buffer
	for b.wait(ctx, func() bool { return len(b.waiting) > 0 }) {
		n := r.member.acquire(ctx, batchSize, 0)
		if n == 0 {
			return // ctx is done
		}
		r.mu.Lock()
		var started []*chain
		for len(started) < n && len(b.waiting) > 0 {
			c := b.waiting[0]
			b.removeLocked(c)
			c.permit = true
			started = append(started, c)
		}
		r.mu.Unlock()
		r.member.release(n - len(started))
		if n > len(started) {
			r.rested()
		}
		for _, c := range started {
			r.start(c)
		}
	}
}

// tired gives the chain of m back, which has waited for a permit for so long that
// its turn is not in sight, unless that would take one of its messages to the
// dead-letter queue unhandled.
func (r *run) tired(m *Message) {
	r.mu.Lock()
	c := m.chain
	_, poor := r.behindLocked(c)
	if poor || !r.buffer.removeLocked(c) {
		r.mu.Unlock()
		return
	}
	ms := r.takeAllLocked(c)
	r.endUnstartedLocked(c)
	r.mu.Unlock()
	r.giveBack(ms, errTired)
}

// bytesOf is how much memory the bodies and attributes of ms take.
func bytesOf(ms []*Message) (n int64) {
	for _, m := range ms {
		n += m.size()
	}
	return n
}
