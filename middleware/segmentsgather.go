package middleware

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

// payloadKey tells payloads apart. Parts that do not agree about their payload are not of
// the same.
type payloadKey struct {
	queue   string
	segment payload.Segment // but for its Part
}

// gathering is a payload of which parts are held. It waits for parts until it runs, is
// given back or has lost all; once it runs, its parts stay until they are answered. Its
// fields are guarded by Joining.mu; latest does not change while it runs.
type gathering struct {
	key     payloadKey
	queue   *joinedQueue
	place   uint64 // in the order of their beginning
	began   time.Time
	without time.Time // since when the first part is not here, if it is not
	parts   []*part   // all deliveries
	latest  []*part   // by index, of each part the latest delivery; nil: not here
	missing int
	running bool
	timer   *time.Timer
}

// enter takes a delivery in. If it is nil, the error is what becomes of the message.
func (j *Joining) enter(ctx context.Context, m *worker.Message, s payload.Segment) (*part, error) {
	p := &part{ctx: ctx, message: m, index: s.Part, body: m.Body, woken: make(chan struct{})}
	s.Part = 0
	key := payloadKey{cmp.Or(m.QueueURL(), m.Queue), s}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.past.of(key).done {
		return nil, nil
	}
	q, err := j.queueLocked(m)
	if err == nil {
		err = j.possible(q, s)
	}
	if err != nil {
		return nil, err
	}
	if q.closed() {
		return nil, worker.Snooze(0)
	}
	g := j.open[key]
	if g == nil {
		g = &gathering{key: key, queue: q, latest: make([]*part, s.Parts), missing: s.Parts}
	}
	if !j.makeRoomLocked(g, p) {
		return nil, worker.Snooze(max(q.slotLocked(), j.soon(m)))
	}
	j.addLocked(g, p)
	return p, nil
}

// addLocked puts p into g, for which there is room, and has that handled if p was what it
// waited for. j.mu must be held.
func (j *Joining) addLocked(g *gathering, p *part) {
	now := time.Now()
	if len(g.parts) == 0 {
		j.begun++
		g.place, g.began, g.without = j.begun, now, now
		j.open[g.key] = g
		j.bytes += g.key.segment.Bytes
	}
	p.of = g
	g.parts = append(g.parts, p)
	g.queue.held++
	j.bytes += int64(len(p.body))
	if g.running {
		return // a copy: it shares the outcome
	}
	if g.latest[p.index] == nil {
		g.missing--
	}
	g.latest[p.index] = p
	if g.missing == 0 {
		j.dropCancelledLocked(g)
	}
	if g.missing == 0 {
		j.beginLocked(g)
		return
	}
	j.armLocked(g)
}

// beginLocked has g, which is complete, handled by its first part. j.mu must be held.
func (j *Joining) beginLocked(g *gathering) {
	g.running = true
	if g.timer != nil {
		g.timer.Stop()
	}
	lead := g.latest[0]
	lead.lead, lead.attempt = true, j.past.of(g.key).attempts+1
	close(lead.woken)
}

// dropCancelledLocked takes those out of g that are about to leave it. j.mu must be held.
func (j *Joining) dropCancelledLocked(g *gathering) {
	for _, p := range slices.Clone(g.parts) {
		if p.ctx.Err() != nil {
			j.removeLocked(g, p)
			p.tellLocked(answer{err: left(p.ctx)})
		}
	}
}

// leave takes p, whose context has ended, out of its payload, unless that is being handled
// or p is answered already.
func (j *Joining) leave(p *part) {
	j.mu.Lock()
	defer j.mu.Unlock()
	g := p.of
	if g.running || !slices.Contains(g.parts, p) {
		return
	}
	j.removeLocked(g, p)
	p.tellLocked(answer{err: left(p.ctx)})
	if len(g.parts) > 0 {
		j.armLocked(g)
	}
}

// removeLocked takes p out of g, and ends g if that was the last. Another delivery of the
// same part takes its place, if there is one. j.mu must be held.
func (j *Joining) removeLocked(g *gathering, p *part) {
	g.parts = slices.DeleteFunc(g.parts, func(other *part) bool { return other == p })
	g.queue.held--
	j.bytes -= int64(len(p.body))
	if len(g.parts) == 0 {
		j.endLocked(g)
	}
	if g.latest[p.index] != p {
		return
	}
	g.latest[p.index] = nil
	for _, other := range g.parts {
		if other.index == p.index {
			g.latest[p.index] = other
		}
	}
	if g.latest[p.index] == nil {
		g.missing++
		if p.index == 0 {
			g.without = time.Now()
		}
	}
}

// endLocked forgets g, which has no parts. j.mu must be held.
func (j *Joining) endLocked(g *gathering) {
	delete(j.open, g.key)
	j.bytes -= g.key.segment.Bytes
	if g.timer != nil {
		g.timer.Stop()
	}
}

// tellLocked answers p. Joining.mu must be held.
func (p *part) tellLocked(a answer) {
	p.answer = a
	close(p.woken)
}

// finish answers the parts of g, which lead has had handled.
func (j *Joining) finish(g *gathering, lead *part, a answer) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !a.snoozed && !a.released {
		j.past.set(g.key, past{attempts: lead.attempt, done: a.done})
	}
	j.dissolveLocked(g, func(p *part) {
		if p != lead {
			p.tellLocked(a)
		}
	})
}

// dissolveLocked ends g, and has tell answer its parts. j.mu must be held.
func (j *Joining) dissolveLocked(g *gathering, tell func(*part)) {
	for _, p := range g.parts {
		g.queue.held--
		j.bytes -= int64(len(p.body))
		tell(p)
	}
	g.parts = nil
	j.endLocked(g)
}

// giveBackLocked gives the parts of g back, which is not complete: together, if the first
// is here; otherwise each by itself, to meet that elsewhere. j.mu must be held.
func (j *Joining) giveBackLocked(g *gathering) {
	first := g.latest[0]
	var together time.Duration
	if first != nil {
		together = pause(first.message.Receives, maxPause)
	}
	j.dissolveLocked(g, func(p *part) {
		d := together
		if first == nil {
			d = j.soon(p.message)
		}
		p.tellLocked(answer{err: worker.Snooze(d)})
	})
}

// soon is for how long a part is given back that has to be received several times while
// another process waits for it.
func (j *Joining) soon(m *worker.Message) time.Duration { return pause(m.Receives, j.opts.Wait/10) }

// dueLocked is when g is given back unless it is complete.
func (j *Joining) dueLocked(g *gathering) time.Time {
	end := g.began.Add(j.opts.Wait)
	if first := g.without.Add(j.opts.WaitFirst); g.latest[0] == nil && first.Before(end) {
		return first
	}
	return end
}

// armLocked has g looked at when it is due. j.mu must be held.
func (j *Joining) armLocked(g *gathering) {
	d := time.Until(j.dueLocked(g))
	if g.timer == nil {
		g.timer = time.AfterFunc(d, func() { j.due(g) })
		return
	}
	g.timer.Reset(d)
}

func (j *Joining) due(g *gathering) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case g.running || len(g.parts) == 0: // just now
	case time.Now().Before(j.dueLocked(g)):
		j.armLocked(g)
	default:
		j.giveBackLocked(g)
	}
}
