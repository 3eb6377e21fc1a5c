package onlambda

import "time"

// stop has nothing begun any more.
func (b *batch) stop(why error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended == nil {
		b.ended = why
	}
}

// abandon settles what is running still, and returns when late has come, or the hook has heard
// of those that were settled just before.
func (b *batch) abandon(late <-chan time.Time) {
	b.mu.Lock()
	running := make([]*record, 0, len(b.running))
	for r := range b.running {
		running = append(running, r)
	}
	b.mu.Unlock()
	for _, r := range running {
		if s, ok := r.session.Abandon(r.message); ok {
			b.mu.Lock()
			delete(b.running, r)
			r.settled = s
			b.mu.Unlock()
		} else {
			<-r.noted // any moment
		}
	}
	b.mu.Lock()
	if len(b.running) == 0 {
		b.tellIdleLocked()
	}
	b.mu.Unlock()
	select {
	case <-b.idle:
	case <-late:
	}
}
