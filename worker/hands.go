package worker

import "sync"

// maxIdle is how many goroutines wait for chains at most; the others end.
const maxIdle = 64

// hands are the goroutines that handle chains. One that is done with a chain takes
// the next that is ready, or waits for one, so that a message costs no new
// goroutine, whose stack would have to grow first. It is guarded by run.mu.
type hands struct {
	ready []*chain        // with permits
	idle  []chan struct{} // of those that wait; the last has waited least
	woken bool            // one was woken, or started, and has not looked for a chain yet
	off   bool            // no more chains come
	waits sync.WaitGroup  // counts those that are, or were just woken
}

// hand is the goroutine. It begins with c, if that is not nil.
func (r *run) hand(c *chain) {
	wake := make(chan struct{}, 1)
	if c == nil {
		c = r.nextChain(wake, true)
	}
	for c != nil {
		r.handleAll(c)
		c = r.nextChain(wake, false)
	}
}

// readyLocked has chains handled. run.mu must be held.
func (r *run) readyLocked(cs ...*chain) {
	if len(cs) > 0 {
		r.hands.ready = append(r.hands.ready, cs...)
		r.wakeLocked()
	}
}

// wakeLocked has one more goroutine look for a ready chain, unless one is about to. It
// will wake the next, should there be more: while handlers are quicker than that, few
// are awake.
func (r *run) wakeLocked() {
	h := &r.hands
	if h.woken {
		return
	}
	h.woken = true
	if n := len(h.idle); n > 0 {
		h.idle[n-1] <- struct{}{} // nobody else has it, and it holds one
		h.idle = h.idle[:n-1]
		return
	}
	go r.hand(nil)
}

// nextChain waits for a chain; nil if there is no need to. wake is the caller's own, and
// woken says that wakeLocked has started it to look here.
func (r *run) nextChain(wake chan struct{}, woken bool) *chain {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := &r.hands
	if woken {
		h.woken = false
	}
	c := r.takeReadyLocked()
	for c == nil {
		if h.off || len(h.idle) == maxIdle {
			return nil
		}
		h.idle = append(h.idle, wake)
		h.waits.Add(1)
		r.mu.Unlock()
		<-wake
		h.waits.Done()
		r.mu.Lock()
		h.woken = false
		c = r.takeReadyLocked()
	}
	return c
}

// takeReadyLocked takes the first chain that is ready; nil if there is none. run.mu must
// be held.
func (r *run) takeReadyLocked() *chain {
	h := &r.hands
	if len(h.ready) == 0 {
		return nil
	}
	c := h.ready[0]
	h.ready[0] = nil
	if h.ready = h.ready[1:]; len(h.ready) > 0 {
		r.wakeLocked()
	}
	return c
}

// dismiss ends the goroutines that wait, and waits for their end. Those whose
// handlers were abandoned end when they return.
func (r *run) dismiss() {
	r.mu.Lock()
	h := &r.hands
	h.off = true
	for _, wake := range h.idle {
		wake <- struct{}{}
	}
	h.idle = nil
	r.mu.Unlock()
	h.waits.Wait()
}
