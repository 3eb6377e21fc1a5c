package model

import (
	"fmt"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// What operations choose from: few of a kind, so that they meet.

func settings(fifo bool, x, y, z byte) engine.Settings {
	return engine.Settings{
		FIFO:        fifo,
		Delay:       choose(x, 0, 0, 0, 0, 0, time.Second, 10*time.Second, 15*time.Minute),
		Retention:   choose(x>>3, time.Minute, 6*time.Minute, time.Hour, 20*time.Hour, 4*24*time.Hour, 4*24*time.Hour, 14*24*time.Hour, 14*24*time.Hour),
		MaxReceives: choose[uint32](y, 0, 0, 1, 2, 3),
		MaxInFlight: choose(y>>3, 1, 3, 12, 45, 120000, 120000, 120000, 120000),
		GroupScope:  z%2 == 1,
		Window:      choose(z>>4, 0, 0, 0, 1, 2, 7, 7, 30),
	}
}

func (p *pair) group(b byte) string {
	if p.settings.FIFO {
		return choose(b, "a", "b", "c", "d")
	}
	return choose(b, "", "", "a", "b", "b", "c")
}

// dedupID is one of a few, or a new one.
func (r *run) dedupID(p *pair, b byte) string {
	if !p.settings.FIFO {
		return ""
	}
	if b%2 == 0 {
		return choose(b>>1, "x", "y", "z")
	}
	return fmt.Sprintf("u%d", r.sends)
}

func timeout(b byte) time.Duration {
	return choose(b, 30*time.Second, 30*time.Second, 0, 0, 1, 7*time.Second, 5*time.Minute, 11*time.Minute, time.Hour, engine.MaxVisibility)
}

// deadOf is the queue to give a receive: its own dead-letter queue, unless there
// is none or it can be seen that none is needed.
func (r *run) deadOf(p *pair, b byte) *pair {
	switch b % 8 {
	case 0:
		return nil
	case 1, 2:
		if !r.needsDead(p) {
			return nil
		}
	}
	return p.dead
}

// latest returns the latest n handles; those but one in four, if b says so.
func (p *pair) latest(n int, b byte) []handles {
	var some []handles
	for i, h := range p.handles[max(0, len(p.handles)-n):] {
		if b%2 == 0 || i%4 != int(b>>1)%4 {
			some = append(some, h)
		}
	}
	return some
}

const maxHandles = 400

// remember keeps h for later steps.
func (p *pair) remember(h handles) {
	if len(p.handles) == maxHandles {
		p.handles = append(p.handles[:0], p.handles[maxHandles/2:]...)
	}
	p.handles = append(p.handles, h)
}

// handle picks a remembered one, mostly among the latest, or makes one up of a
// message that never was.
func (p *pair) handle(s step) handles {
	n := len(p.handles)
	switch {
	case n == 0 || s.x()%16 == 0:
		h := engine.Handle{Queue: p.id, Slot: uint32(s.y()) << (s.z() % 25), Seq: 1<<40 + uint64(s.y()), Receive: 1, At: start}
		return handles{h, h}
	case s.x()%4 == 1:
		return p.handles[int(s.y())%n]
	}
	return p.handles[n-1-int(s.y())%min(n, 12)]
}
