package middleware

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

// joinedQueue is a queue whose parts are held.
type joinedQueue struct {
	polled      map[*worker.Worker]struct{} // by these; those that drain are not among them
	none        bool                        // no worker has it: handlers are called by something else
	concurrency int
	most        int // parts that may be held
	held        int
	slot        time.Time // when the last of the parts comes back for which there was no room
}

// closed reports whether nothing comes any more.
func (q *joinedQueue) closed() bool { return !q.none && len(q.polled) == 0 }

// Worker is an option for worker.New, without which the messages of that worker fail: it
// learns by Options.Hook, beside a hook that is there, how many handlers may run, and when the
// worker drains. Then what is not complete is given back at once: nothing more will come.
func (j *Joining) Worker(o *worker.Options) { o.Hook = then(o.Hook, j.hear) }

func (j *Joining) hear(_ context.Context, e worker.Event) {
	switch {
	case e.Kind == worker.EventRequest && e.Action == "ReceiveMessage" && len(e.Messages) > 0:
		j.mu.Lock()
		defer j.mu.Unlock()
		q := j.queues[e.URL]
		if q == nil {
			q = &joinedQueue{polled: make(map[*worker.Worker]struct{})}
			j.queues[e.URL] = q
		}
		if _, known := q.polled[e.Worker]; !known {
			q.polled[e.Worker] = struct{}{}
			j.limitLocked(q)
		}
	case e.Kind == worker.EventDraining:
		j.mu.Lock()
		defer j.mu.Unlock()
		if q := j.queues[e.URL]; q != nil {
			delete(q.polled, e.Worker)
			j.limitLocked(q)
			j.releaseLocked(q)
		}
	}
}

// releaseLocked gives all back at once that is not complete. j.mu must be held.
func (j *Joining) releaseLocked(q *joinedQueue) {
	for _, g := range j.open {
		if g.queue == q && !g.running {
			j.dissolveLocked(g, func(p *part) { p.tellLocked(answer{err: worker.Snooze(0)}) })
		}
	}
}

// limitLocked sets how many parts may be held: of a queue with several workers all may be
// held by one of them. j.mu must be held.
func (j *Joining) limitLocked(q *joinedQueue) {
	if len(q.polled) == 0 {
		return
	}
	q.concurrency = math.MaxInt
	for w := range q.polled {
		q.concurrency = min(q.concurrency, w.Concurrency())
	}
	q.most = q.concurrency * 3 / 4
	if j.opts.MaxParts > 0 {
		q.most = min(j.opts.MaxParts, q.concurrency-1)
	}
}

// queueLocked returns the queue of m. j.mu must be held.
func (j *Joining) queueLocked(m *worker.Message) (*joinedQueue, error) {
	url := m.QueueURL()
	q := j.queues[url]
	switch {
	case q != nil:
		return q, nil
	case url != "":
		return nil, errors.New("middleware: Segments: the worker lacks the option Joining.Worker, without which no part is held")
	}
	q = &joinedQueue{none: true, most: j.opts.MaxParts}
	if q.most <= 0 {
		q.most = math.MaxInt
	}
	j.queues[""] = q
	return q, nil
}

// possible says why a payload can never be joined here.
func (j *Joining) possible(q *joinedQueue, s payload.Segment) error {
	switch {
	case s.Parts > q.most:
		return fmt.Errorf("middleware: Segments: the payload has %d parts, and at most %d may be held at once: "+
			"each needs a permit of the worker, whose Options.Concurrency is %d; see SegmentsOptions.MaxParts", s.Parts, q.most, q.concurrency)
	case s.Bytes > j.opts.MaxBytes/2:
		return fmt.Errorf("middleware: Segments: the payload has %d bytes, and at most half of MaxBytes, %d, can be joined", s.Bytes, j.opts.MaxBytes)
	}
	return nil
}

// makeRoomLocked reports whether there is room for p in g. If there is none otherwise, it gives
// back copies, and then what is behind g, the last first. j.mu must be held.
func (j *Joining) makeRoomLocked(g *gathering, p *part) bool {
	need := int64(len(p.body))
	if len(g.parts) == 0 {
		need += g.key.segment.Bytes
	}
	for {
		room := g.queue.held < g.queue.most
		if room && j.bytes+need <= j.opts.MaxBytes {
			return true
		}
		if spare := j.spareLocked(g.queue, room); spare != nil {
			j.removeLocked(spare.of, spare)
			spare.tellLocked(answer{err: worker.Snooze(j.soon(spare.message))})
			continue
		}
		if len(g.parts) > 0 && g.latest[p.index] != nil {
			return false // p itself is the copy
		}
		last := j.lastBehindLocked(g, p, room)
		if last == nil {
			return false
		}
		j.giveBackLocked(last)
	}
}

// spareLocked returns a part of which there is a copy, sent twice and not just delivered
// twice: of q, or of any queue; nil if there is none. j.mu must be held.
func (j *Joining) spareLocked(q *joinedQueue, any bool) *part {
	for _, g := range j.open {
		if g.running || !any && g.queue != q {
			continue
		}
		for _, p := range g.parts {
			if kept := g.latest[p.index]; kept != p && kept.message.ID != p.message.ID {
				return p
			}
		}
	}
	return nil
}

// slotLocked is for how long a part is given back for which there is no room. Such parts come
// back one after another, in a second as many as may be held: with a backlog of them the
// worker would do nothing but receive them. Joining.mu must be held.
func (q *joinedQueue) slotLocked() time.Duration {
	now := time.Now()
	if q.slot.Before(now) {
		q.slot = now
	}
	q.slot = q.slot.Add(time.Second / time.Duration(q.most))
	if last := now.Add(maxPause); q.slot.After(last) {
		q.slot = last
	}
	return max(q.slot.Sub(now), time.Second)
}

// lastBehindLocked returns the last in line behind g with p, of g's queue unless any will
// do; nil if there is none. j.mu must be held.
func (j *Joining) lastBehindLocked(g *gathering, p *part, any bool) (last *gathering) {
	mine := g.rank()
	if p.index == 0 {
		mine.first = true
	}
	for _, other := range j.open {
		if other == g || other.running || !any && other.queue != g.queue || !mine.before(other.rank()) {
			continue
		}
		if last == nil || last.rank().before(other.rank()) {
			last = other
		}
	}
	return last
}

// rank is a place in line.
type rank struct {
	running, first bool
	place          uint64
}

func (g *gathering) rank() rank {
	r := rank{g.running, g.latest[0] != nil, g.place}
	if len(g.parts) == 0 {
		r.place = math.MaxUint64 // it is only about to begin
	}
	return r
}

func (r rank) before(other rank) bool {
	switch {
	case r.running != other.running:
		return r.running
	case r.first != other.first:
		return r.first
	}
	return r.place < other.place
}
