package model

import (
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

type operation func(r *run, p *pair, s step)

// operations, each with its share of 256.
var operations = []struct {
	share int
	do    operation
}{
	{50, sendOne},
	{12, sendMany},
	{52, receiveOne},
	{14, receiveMany},
	{30, deleteOne},
	{4, releaseOne},
	{8, deleteMany},
	{31, changeOne},
	{6, changeMany},
	{8, arriveOne},
	{6, takeOne},
	{6, moveOne},
	{8, probe},
	{6, edge},
	{3, configure},
	{2, passOver},
	{2, purge},
	{2, crowd},
	{2, share},
	{2, history},
	{2, backlog},
}

func operationOf(b byte) operation {
	n := int(b)
	for _, o := range operations {
		if n -= o.share; n < 0 {
			return o.do
		}
	}
	panic("the shares of the operations must add up to 256")
}

func sendOne(r *run, p *pair, s step) {
	delay := time.Duration(-1)
	if !p.settings.FIFO {
		delay = choose(s.z(), -1, -1, 0, 0, 1, time.Second, 10*time.Second, 15*time.Minute)
	}
	r.send(p, p.group(s.x()), r.dedupID(p, s.y()), delay)
}

func sendMany(r *run, p *pair, s step) {
	n := choose(s.y(), 3, 12, 40, 40, 100)
	if r.sends > maxSends {
		n = 1
	}
	delay := time.Duration(-1)
	if !p.settings.FIFO {
		delay = choose(s.z(), 0, 0, 0, 30*time.Second)
	}
	defer r.brief(len(r.log))
	for i := range n {
		group := p.group(s.x())
		if s.z()%8 >= 6 {
			group = p.group(s.x() + byte(i))
		}
		r.send(p, group, r.dedupID(p, 1), delay)
	}
}

func receiveOne(r *run, p *pair, s step) {
	request := engine.Receive{Max: 1 + int(s.x())%10, Visibility: timeout(s.y())}
	if p.settings.FIFO {
		request.Attempt = choose(s.z()>>4, "", "", "A", "B")
	}
	r.receive(p, request, r.deadOf(p, s.z()))
}

func receiveMany(r *run, p *pair, s step) {
	defer r.brief(len(r.log))
	for range choose(s.x(), 2, 5, 5, 12, 30) {
		if r.receive(p, engine.Receive{Max: 10, Visibility: timeout(s.y())}, r.deadOf(p, s.z())) == 0 {
			return
		}
	}
}

func deleteOne(r *run, p *pair, s step) { r.delete(p, p.handle(s)) }

func releaseOne(r *run, p *pair, s step) { r.release(p, p.handle(s)) }

// passOver is a receive that passes over those whose turn it is.
func passOver(r *run, p *pair, s step) {
	if p.settings.FIFO {
		return
	}
	var passed []handles
	for range choose(s.x(), 1, 3, 9) {
		h, ok := r.first(p)
		if !ok {
			break
		}
		r.change(p, h, time.Second)
		passed = append(passed, h)
	}
	r.receive(p, engine.Receive{Max: 1 + int(s.x())%10, Visibility: timeout(s.y())}, r.deadOf(p, s.z()))
	for _, h := range passed {
		r.change(p, h, 0)
	}
}

func deleteMany(r *run, p *pair, s step) {
	defer r.brief(len(r.log))
	for _, h := range p.latest(choose(s.x(), 5, 10, 40, 100), s.y()) {
		r.delete(p, h)
	}
}

func changeOne(r *run, p *pair, s step) {
	h := p.handle(s)
	limit := time.Duration(h.a.At + int64(engine.MaxVisibility) - r.now)
	d := choose(s.z(), 0, 0, 1, time.Second, 30*time.Second, 10*time.Minute, time.Hour, limit, limit-1, engine.MaxVisibility)
	r.change(p, h, min(max(d, 0), engine.MaxVisibility))
}

func changeMany(r *run, p *pair, s step) {
	defer r.brief(len(r.log))
	for _, h := range p.latest(choose(s.x(), 5, 40), s.y()) {
		r.change(p, h, choose(s.z(), 0, 0, 30*time.Second, 10*time.Minute))
	}
}

// arriveOne brings a message that a queue outside of the script gave up.
func arriveOne(r *run, p *pair, s step) {
	age := int64(choose(s.y(), 0, time.Second, time.Minute-1, time.Minute, time.Hour, 20*time.Hour))
	r.arrive(p, engine.Moved{
		Message:  engine.Message{Group: p.group(s.x()), Dedup: "x"},
		Sent:     r.now - age,
		First:    r.now - age/2,
		Receives: 1 + uint32(s.z()%4),
	})
}

func takeOne(r *run, p *pair, s step) { r.take(p) }

// moveOne is a step of a move task: the message counts as sent anew.
func moveOne(r *run, p *pair, s step) {
	if to := choose(s.x(), r.queues...); r.peekAndTake(p) {
		r.send(to, p.group(s.y()), "", -1)
	}
}

// probe holds the answers of Next against what can be received: nothing before.
func probe(r *run, p *pair, s step) {
	request := engine.Receive{Max: 1 + int(s.x())%10, Visibility: 30 * time.Second}
	for r.receive(p, request, nil) == 0 {
		next := r.next(p)
		if next == engine.Never || next-r.now > int64(time.Hour) && s.y()%4 > 0 {
			return
		}
		if next <= r.now && r.now >= start {
			r.fail("next is not after now")
		}
		if r.now < next-1 {
			r.now = next - 1
			if r.receive(p, request, nil) > 0 {
				r.fail("a message was there before the next was expected")
			}
		}
		r.now = next
	}
}

// edge goes to the end of one of the long windows, or just before it, and does
// what the end makes a difference to.
func edge(r *run, p *pair, s step) {
	early := int64(s.y() % 2)
	switch {
	case !p.settings.FIFO:
		if h := p.handle(s); r.wait(h.a.At + int64(engine.MaxVisibility) + 1 - early) {
			r.change(p, h, 0)
			r.delete(p, h)
		}
	case s.x()%3 == 0:
		r.send(p, "a", "x", -1)
		if s.y()&2 == 0 {
			changed := p.settings
			changed.GroupScope = !changed.GroupScope
			r.configure(p, changed)
			r.wait(r.now + int64(engine.ScopeDelay) - early)
			r.send(p, "b", "x", -1)
		} else {
			r.wait(p.sentX + int64(engine.DedupWindow) - early)
			r.send(p, choose(s.z(), "a", "b"), "x", -1)
		}
	default:
		attempt := engine.Receive{Max: 2, Visibility: timeout(s.z()), Attempt: "A"}
		if r.receive(p, attempt, nil) > 0 {
			r.wait(p.outA.Deliveries[0].Handle.At + int64(engine.AttemptWindow) - early)
			r.receive(p, attempt, nil)
		}
	}
}

func configure(r *run, p *pair, s step) {
	changed := settings(p.settings.FIFO, s.x(), s.y(), s.z())
	switch s.z() >> 1 % 4 { // mostly one of them at a time
	case 1:
		changed.MaxReceives, changed.MaxInFlight, changed.Window = p.settings.MaxReceives, p.settings.MaxInFlight, p.settings.Window
	case 2:
		changed.Delay, changed.Retention = p.settings.Delay, p.settings.Retention
	case 3:
		scope := changed.GroupScope
		changed = p.settings
		changed.GroupScope = scope
	}
	r.configure(p, changed)
}

func purge(r *run, p *pair, s step) { r.purge(p) }
