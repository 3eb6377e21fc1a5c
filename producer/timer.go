package producer

import (
	"math/rand/v2"
	"time"
)

// lingerLocked returns until when the messages that are ready may wait for others, which
// is up to the first of them that came. What is tried again does not wait, and nothing does
// if there is no room for others. p.mu must be held, and there be fewer than fill a request.
func (p *Producer) lingerLocked() (until time.Time) {
	if p.closed || p.room.n > 0 {
		return time.Time{}
	}
	for l := p.ready.first; l != nil; l = l.next {
		if l.first.tries > 0 {
			return time.Time{}
		}
		if t := l.first.since.Add(p.opts.Linger); until.IsZero() || t.Before(until) {
			until = t
		}
	}
	return until
}

// armLocked has the timer fire when the next request may leave, if that is a matter of
// time. p.mu must be held.
func (p *Producer) armLocked() {
	var next time.Time
	sooner := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	if len(p.later) > 0 {
		sooner(p.later[0].due)
	}
	if p.count > 0 && p.url != "" && p.senders < p.width {
		if !p.resume.IsZero() {
			sooner(p.resume)
		} else if due := p.dueLocked(p.senders); !due.IsZero() {
			sooner(due)
		}
	}
	if next.Equal(p.armed) {
		return
	}
	p.armed = next
	switch {
	case next.IsZero():
		p.timer.Stop()
	case p.timer == nil:
		p.timer = time.AfterFunc(time.Until(next), p.tick)
	default:
		p.timer.Reset(time.Until(next))
	}
}

// tick is called when the timer fires.
func (p *Producer) tick() {
	p.mu.Lock()
	p.armed = time.Time{}
	if !time.Now().Before(p.resume) {
		p.resume = time.Time{}
	}
	p.startLocked()
	p.mu.Unlock()
}

// backoff returns how long to wait after the n-th failure in a row: 100 ms
// doubled each time, at most 10 s, of which a random part of up to a half is
// taken off so that producers do not come back all at once.
func backoff(n int) time.Duration {
	d := min(100*time.Millisecond<<min(n-1, 10), 10*time.Second)
	return d - rand.N(d/2)
}
