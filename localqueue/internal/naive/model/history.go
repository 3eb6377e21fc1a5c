package model

import (
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

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
	r.now = (r.now/window + choose[int64](s.x()>>2, 3, 1)) * window
	r.sendSome(p, choose(s.x(), 1, 2, 9), "")
	r.receiveSome(p, 10, 3*time.Hour)
	other := p.handles[len(p.handles)-1]
	r.sendSome(p, 2, "a")
	r.receiveSome(p, 1, 3*time.Hour)
	a := p.handles[len(p.handles)-1]
	early := choose(s.x()>>4, 0, engine.NoisyFloor-2)
	r.receiveAgain(p, early)

	r.now += choose(s.y(), 5, window-1, window)
	if s.x()>>3%2 == 0 {
		r.change(p, a, 0)
	} else {
		for _, h := range p.latest(early+1, 0) { // which leaves nothing of a
			r.delete(p, h)
		}
	}
	for range choose(s.z(), 0, 1, 2, 2, 3) {
		r.now += choose(s.y()>>2, window, window, window/2)
		r.use(p, other, s.y()>>4)
	}
	r.sendSome(p, 2, "a")
	if s.z()>>6 == 0 {
		r.receiveSome(p, 1, time.Hour)
		r.now += window / choose[int64](s.y(), 4, 7)
	}
	r.receiveAgain(p, choose(s.z()>>3, engine.NoisyFloor, engine.NoisyFloor-1, engine.NoisyFloor-early, 1))
	r.sendSome(p, 1, "c")
	r.receiveSome(p, 3, time.Minute)
}

// use does something after which the time a message was in flight is booked, or
// which looks as if it were.
func (r *run) use(p *pair, h handles, b byte) {
	switch b % 4 {
	case 0, 1:
		r.change(p, h, 0)
		r.change(p, h, time.Hour)
	case 2:
		r.change(p, h, 50*time.Minute) // it stays in flight
	case 3:
		r.send(p, "c", "", 15*time.Minute)
	}
}
