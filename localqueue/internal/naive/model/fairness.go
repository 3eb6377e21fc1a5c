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

// share lets a tenant have about a tenth of the busy time, or about NoisyFloor
// receives within two windows, with hardly anything in flight.
func share(r *run, p *pair, s step) {
	if p.settings.FIFO || r.sends > maxSends {
		sendMany(r, p, s)
		return
	}
	const window = int64(engine.ShareWindow)
	r.clear(p)
	r.now = (r.now/window + 3) * window

	early := int(s.x()) % engine.NoisyFloor // receives at once, the rest later
	r.sendSome(p, 9, choose(s.y(), "", "b"))
	r.receiveSome(p, 9, 3*time.Hour)
	r.now += int64(choose(s.y()>>1, 0, 0, 1))
	r.sendSome(p, 6, "a")
	r.receiveSome(p, 1, 2*time.Hour)
	r.receiveAgain(p, early)
	r.now += choose(s.z(), 5, window-1, window, 2*window-1, 2*window)
	if s.z()>>3%4 == 0 { // all that is in flight vanishes, now and not when it grew too old
		short := p.settings
		short.Retention = time.Second
		r.configure(p, short)
		short.Retention = time.Hour
		r.configure(p, short)
		r.sendSome(p, 9, "b")
		r.receiveSome(p, 9, time.Hour)
		r.sendSome(p, 2, "a")
		r.now += int64(time.Minute)
	} else if s.z()%2 == 0 {
		r.sendSome(p, 1, "a")
	}
	r.receiveAgain(p, engine.NoisyFloor-1-early-int(s.y()>>3%2))
	r.sendSome(p, 2, "c")
	r.receiveSome(p, 2, time.Minute)
	r.receiveSome(p, 5, 0)
}

// history lets a tenant be busy in one window and looks, some windows later,
// whether that still counts.
func history(r *run, p *pair, s step) {
	if p.settings.FIFO || r.sends > maxSends {
		sendMany(r, p, s)
		return
	}
	const window = int64(engine.ShareWindow)
	r.clear(p)
	r.now = (r.now/window + 3) * window
	r.sendSome(p, choose(s.x(), 1, 2, 9), "")
	r.receiveSome(p, 10, 3*time.Hour)
	other := p.handles[len(p.handles)-1]
	r.sendSome(p, 1, "a")
	r.receiveSome(p, 1, 3*time.Hour)
	a := p.handles[len(p.handles)-1]

	r.now += choose(s.y(), 5, window-1)
	r.change(p, a, 0)
	for range choose(s.z(), 1, 2, 2, 3) {
		r.now += choose(s.y()>>1, window, window, window/2)
		r.change(p, other, 0) // so that what was used is booked
		r.change(p, other, time.Hour)
	}
	r.sendSome(p, 1, "a")
	r.receiveAgain(p, choose(s.z()>>2, engine.NoisyFloor, engine.NoisyFloor-1))
	r.sendSome(p, 1, "c")
	r.receiveSome(p, 3, time.Minute)
}
