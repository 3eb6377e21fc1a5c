package onlambda

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// errStopped is why messages were not begun.
var errStopped = errors.New("onlambda: a message before it has failed")

// A batch is what one event holds. A message is handled on a goroutine of its own, which
// has the next begin when it ends; those of abandoned handlers live on.
type batch struct {
	opts    Options
	records []*record          // in the order of the event
	byID    map[string]*record // a message has one, however often it is in the event
	groups  map[group]*chain   // FIFO
	chains  []*chain           // in the order of their first records

	mu      sync.Mutex
	ready   []*chain // to go on when there is room
	running map[*record]struct{}
	ended   error // why nothing is begun any more
	idle    chan struct{}
}

type group struct {
	from source
	id   string
}

// A chain is handled in order: the messages of a FIFO group, or one.
type chain struct {
	fifo    bool
	records []*record
	begun   int // of them
}

// A record is a message of the event.
type record struct {
	id      string
	session *worker.Session
	message *worker.Message
	again   []twin // the same, delivered more than once

	noted   chan struct{}     // closed once settled is set
	settled worker.Settlement // guarded by batch.mu while handlers run
	at      time.Time         // when it was
}

type twin struct {
	session *worker.Session
	message *worker.Message
}

func newBatch(o Options) *batch {
	return &batch{
		opts: o, byID: make(map[string]*record), groups: make(map[group]*chain),
		running: make(map[*record]struct{}), idle: make(chan struct{}),
	}
}

func (b *batch) add(id string, from source, s *worker.Session, m *worker.Message) {
	if r := b.byID[id]; r != nil {
		r.again = append(r.again, twin{s, m})
		return
	}
	r := &record{id: id, session: s, message: m, noted: make(chan struct{})}
	b.byID[id] = r
	b.records = append(b.records, r)
	c := &chain{fifo: from.fifo()}
	if g := (group{from, m.Group}); c.fifo {
		if b.groups[g] != nil {
			b.groups[g].records = append(b.groups[g].records, r)
			return
		}
		b.groups[g] = c
	}
	c.records = []*record{r}
	b.chains = append(b.chains, c)
}

// run has the batch handled, and returns when all of it is settled or time is up. Requests
// are ended by end if there is no other end of time than that of ctx.
func (b *batch) run(ctx context.Context, left times, end func()) {
	values, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	up, quiet := left.up()
	defer quiet()
	if ctx.Err() != nil { // it is late already
		b.stop(worker.ErrDraining)
	}
	b.begin(left.ofHandlers(values))
	select {
	case <-b.idle:
		return
	case <-up:
	case <-ctx.Done():
		time.AfterFunc(left.margin*3/4, end)
	}
	b.stop(worker.ErrDraining)
	cancel(worker.ErrDraining)
	grace, late := time.NewTimer(left.margin/2), time.NewTimer(left.margin*5/8)
	defer grace.Stop()
	defer late.Stop()
	select {
	case <-b.idle:
	case <-grace.C:
		b.abandon(late.C)
	}
}

// begin begins as much as may run at once.
func (b *batch) begin(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ready = slices.Clone(b.chains)
	b.fillLocked(ctx)
}

// fillLocked has ready chains go on. b.mu must be held.
func (b *batch) fillLocked(ctx context.Context) {
	for b.ended == nil && len(b.ready) > 0 && len(b.running) < b.opts.Concurrency {
		c := b.ready[0]
		b.ready = b.ready[1:]
		r := c.records[c.begun]
		c.begun++
		b.running[r] = struct{}{}
		go b.deliver(ctx, c, r)
	}
	if len(b.running) == 0 {
		b.tellIdleLocked()
	}
}

func (b *batch) tellIdleLocked() {
	select {
	case <-b.idle:
	default:
		close(b.idle)
	}
}

func (b *batch) deliver(values context.Context, c *chain, r *record) {
	ctx, cancel := context.WithCancelCause(values)
	defer cancel(nil)
	defer b.over(values, c, r) // even if the handler ends the goroutine
	r.session.Deliver(ctx, r.message, func(s worker.Settlement) { b.settled(c, r, s) })
}

// settled takes note of what became of r.
func (b *batch) settled(c *chain, r *record, s worker.Settlement) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r.settled, r.at = s, time.Now()
	close(r.noted)
	switch {
	case s.Finished():
		if c.begun < len(c.records) {
			b.ready = append([]*chain{c}, b.ready...)
		}
	case c.fifo && s.Outcome == worker.Failed && !b.opts.OtherGroups && b.ended == nil:
		b.ended = errStopped
	}
}

// over has the next begin, once the hook has heard of r.
func (b *batch) over(ctx context.Context, c *chain, r *record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.running, r)
	b.fillLocked(ctx)
}
