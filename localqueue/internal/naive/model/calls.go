package model

import (
	"fmt"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// The calls of engine.Messages, each made on both implementations and compared.

func (r *run) configure(p *pair, s engine.Settings) {
	r.note(p, "configure %+v", s)
	p.settings = s
	p.a.Configure(r.now, s)
	p.b.Configure(r.now, s)
	r.await(engine.ScopeDelay)
	r.await(s.Retention)
	r.await(s.Delay)
}

func (r *run) send(p *pair, group, dedup string, delay time.Duration) {
	r.sends++
	m := engine.Message{Group: group, Dedup: dedup, Delay: delay}
	m.Blob = fmt.Appendf(nil, "message %d", r.sends)
	m.MD5 = [16]byte{byte(r.sends), byte(r.sends >> 8), 1}
	r.note(p, "send %q group %q dedup %q delay %v", m.Blob, group, dedup, delay)
	a := p.a.Send(r.now, &m)
	b := p.b.Send(r.now, &m)
	clear(m.Blob) // it was copied
	same(r, a, b)
	if dedup == "x" && !a.Duplicate {
		p.sentX = r.now
	}
	r.await(engine.DedupWindow)
	r.await(engine.QuietAfter)
	r.await(p.settings.Retention)
	r.await(max(delay, p.settings.Delay))
}

func (r *run) arrive(p *pair, m engine.Moved) {
	r.sends++
	m.Blob = fmt.Appendf(nil, "arrival %d", r.sends)
	m.MD5 = [16]byte{byte(r.sends), byte(r.sends >> 8), 2}
	m.Origin = engine.Origin{Queue: 99, Seq: uint64(r.sends)}
	m.Source = 99
	r.note(p, "arrive %q group %q sent %v first %v receives %d", m.Blob, m.Group, since(m.Sent), since(m.First), m.Receives)
	a := p.a.Arrive(r.now, &m)
	b := p.b.Arrive(r.now, &m)
	clear(m.Blob)
	same(r, a, b)
	r.awaitAt(m.Sent + int64(p.settings.Retention))
}

// receive returns how many messages it got.
func (r *run) receive(p *pair, request engine.Receive, dead *pair) int {
	var deadA, deadB engine.Messages
	note := "none"
	if dead != nil {
		r.now = max(r.latest, r.now) // one instant for both queues
		deadA, deadB = dead.a, dead.b
		note = fmt.Sprintf("queue %d", dead.id)
	}
	r.note(p, "receive %d for %v attempt %q dead %s", request.Max, request.Visibility, request.Attempt, note)
	p.outA.Reset()
	p.outB.Reset()
	a := p.a.Receive(r.now, request, deadA, &p.outA)
	b := p.b.Receive(r.now, request, deadB, &p.outB)
	if a || b {
		r.log[len(r.log)-1] += " over limit"
	}
	r.deliveries(p, false)
	same(r, a, b)
	for i := range p.outA.Deliveries {
		p.remember(handles{p.outA.Deliveries[i].Handle, p.outB.Deliveries[i].Handle})
	}
	r.await(request.Visibility)
	r.await(engine.MaxVisibility)
	r.await(engine.AttemptWindow)
	return len(p.outA.Deliveries)
}

// next asks when a queue that answers nothing now may have something.
func (r *run) next(p *pair) engine.Time {
	r.note(p, "next")
	a, b := p.a.Next(r.now), p.b.Next(r.now)
	same(r, since(a), since(b))
	r.awaitAt(a)
	return a
}

func (r *run) take(p *pair) bool {
	r.note(p, "take")
	p.outA.Reset()
	p.outB.Reset()
	a := p.a.Take(r.now, &p.outA)
	b := p.b.Take(r.now, &p.outB)
	r.deliveries(p, true)
	same(r, a, b)
	return a
}

// peekAndTake takes the message that Peek tells of.
func (r *run) peekAndTake(p *pair) bool {
	source, ok := r.peek(p)
	took := r.take(p)
	if took != ok || took && p.outA.Deliveries[0].Source != source {
		r.fail("the message taken is not the one peeked at")
	}
	return took
}

func (r *run) peek(p *pair) (source uint32, ok bool) {
	r.note(p, "peek")
	source, ok = p.a.Peek(r.now)
	sourceB, okB := p.b.Peek(r.now)
	same(r, ok, okB)
	same(r, source, sourceB)
	return source, ok
}

func (r *run) first(p *pair) (h handles, ok bool) {
	r.note(p, "first")
	h.a, ok = p.a.First(r.now)
	b, okB := p.b.First(r.now)
	h.b = b
	same(r, ok, okB)
	same(r, name(h.a), name(h.b))
	return h, ok
}

func (r *run) delete(p *pair, h handles) {
	r.note(p, "delete %s", name(h.a))
	a := p.a.Delete(r.now, h.a)
	b := p.b.Delete(r.now, h.b)
	same(r, verdict(a), verdict(b))
}

func (r *run) change(p *pair, h handles, d time.Duration) {
	r.note(p, "change %s to %v", name(h.a), d)
	a := p.a.ChangeVisibility(r.now, h.a, d)
	b := p.b.ChangeVisibility(r.now, h.b, d)
	same(r, verdict(a), verdict(b))
	r.await(d)
}

func (r *run) release(p *pair, h handles) {
	r.note(p, "release %s", name(h.a))
	same(r, p.a.Latest(r.now, h.a), p.b.Latest(r.now, h.b))
	a := p.a.Release(r.now, h.a)
	same(r, a, p.b.Release(r.now, h.b))
}

func (r *run) purge(p *pair) {
	r.note(p, "purge")
	p.a.Purge(r.now)
	p.b.Purge(r.now)
}

func (r *run) needsDead(p *pair) bool {
	r.note(p, "needs dead")
	a := p.a.NeedsDead(r.now)
	same(r, a, p.b.NeedsDead(r.now))
	return a
}

func (r *run) counts(p *pair) {
	r.note(p, "counts")
	same(r, p.a.Counts(r.now), p.b.Counts(r.now))
	r.needsDead(p)
	r.next(p)
	r.note(p, "arrivals")
	same(r, p.a.Arrivals(), p.b.Arrivals())
	r.note(p, "oldest")
	same(r, p.a.Oldest(r.now), p.b.Oldest(r.now))
}

// ask makes one of the calls that change nothing.
func (r *run) ask(p *pair, b byte) {
	switch b {
	case 0:
		r.next(p)
	case 1:
		r.needsDead(p)
	case 2:
		r.peek(p)
	}
}
