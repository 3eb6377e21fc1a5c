package model

import (
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// Random steps rarely come near the limits of fairness. These operations go
// there: one receive, one message in flight or one nanosecond to either side.

// clear empties p and lifts the limits that would get in the way.
func (r *run) clear(p *pair) {
	r.purge(p)
	s := p.settings
	s.Delay, s.MaxReceives, s.MaxInFlight, s.Retention = 0, 0, 120000, 4*24*time.Hour
	r.configure(p, s)
}

func (r *run) sendSome(p *pair, n int, group string) {
	defer r.brief(len(r.log))
	for range n {
		r.send(p, group, r.dedupID(p, 1), -1)
	}
}

// receiveSome receives n messages one reply after the other.
func (r *run) receiveSome(p *pair, n int, timeout time.Duration) {
	defer r.brief(len(r.log))
	for n > 0 {
		got := r.receive(p, engine.Receive{Max: min(n, 10), Visibility: timeout}, nil)
		if got == 0 {
			return
		}
		n -= got
	}
}

// receiveAgain receives the same message n times.
func (r *run) receiveAgain(p *pair, n int) {
	defer r.brief(len(r.log))
	for range n {
		r.receive(p, engine.Receive{Max: 1}, nil)
	}
}

// crowd lets a tenant have about NoisyFloor messages in flight, about a tenth of
// all, and looks who is served before and after it is quiet again.
func crowd(r *run, p *pair, s step) {
	if p.settings.FIFO || r.sends > maxSends {
		sendMany(r, p, s)
		return
	}
	r.clear(p)
	others := 9*engine.NoisyFloor + choose(s.x(), -1, 0, 1)
	if s.x()%8 >= 6 {
		others = choose(s.x(), 0, 60)
	}
	inFlight := engine.NoisyFloor + choose(s.y(), -1, 0, 0, 1)
	second := 0 // of the others belong to another tenant in a crowd
	if s.z()%2 == 1 {
		second = min(others, choose(s.z()>>1, 31, 32, 60))
	}
	r.sendSome(p, others-second, "")
	r.receiveSome(p, others-second, time.Hour)
	r.sendSome(p, second+4, "b")
	r.receiveSome(p, second, time.Hour)
	r.sendSome(p, inFlight+4, "a")
	r.receiveSome(p, inFlight, time.Hour)
	sent := r.now

	r.sendSome(p, 2, "c")
	r.sendSome(p, 1, "")
	r.receiveSome(p, 4, time.Hour)
	r.now = sent + int64(engine.QuietAfter) - int64(s.z()>>3%2)
	r.sendSome(p, 2, "c")
	if s.z()>>4%4 == 0 {
		r.sendSome(p, 1, "a")
	}
	r.receiveSome(p, 10, choose(s.y()>>2, 0, time.Minute))
}

// backlog takes away, by one way or another, the last message that waits of a
// noisy tenant, and looks whether it is quiet when something waits again.
func backlog(r *run, p *pair, s step) {
	if p.settings.FIFO || r.sends > maxSends {
		sendMany(r, p, s)
		return
	}
	r.clear(p)
	r.sendSome(p, engine.NoisyFloor+2, "a")
	r.receiveSome(p, 2, 0)
	first, last := p.handles[len(p.handles)-2], p.handles[len(p.handles)-1]
	r.change(p, first, time.Hour)
	r.change(p, last, time.Hour)
	r.receiveSome(p, engine.NoisyFloor, time.Hour)
	other := p.handles[len(p.handles)-1]
	r.change(p, first, 0)
	r.change(p, last, 0)
	r.receiveSome(p, 1, time.Hour) // the first; the last keeps the tenant noisy
	switch s.y() % 5 {
	case 0:
		r.take(p)
	case 1:
		r.change(p, last, time.Hour)
	case 2:
		r.delete(p, last)
	case 3:
		r.receiveSome(p, 1, time.Hour)
	}
	r.change(p, choose(s.x(), last, other), 0)
	r.sendSome(p, 2, "c")
	r.receiveSome(p, 1, 0)
	r.receiveSome(p, 4, time.Minute)
}
