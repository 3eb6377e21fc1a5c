package lambdaruntime

import (
	"context"
	"slices"
	"sync"
)

// Pool is a function's processes. Make it with New, and Close it.
type Pool struct {
	o      Options
	ctx    context.Context
	cancel context.CancelFunc
	ended  sync.WaitGroup // slots

	stdout, stderr *lines

	mu      sync.Mutex // guards what follows, and what is said so of a Slot
	slots   []*Slot
	free    []*Slot      // whose process waits, and nobody has reserved
	waiting []chan *Slot // calls of Acquire that found none; each has room for one
	hurry   bool         // processes are killed without being asked to end
}

// New returns the Pool of a function, whose command must exist. Nothing is started yet.
func New(opts ...func(*Options)) (*Pool, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	p := &Pool{o: o}
	p.stdout, p.stderr = newLines(o.Stdout), newLines(o.Stderr)
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p, nil
}

// Acquire waits until a process waits for an event, and reserves it.
func (p *Pool) Acquire(ctx context.Context) (*Slot, error) {
	s, coming := p.reserve()
	if s != nil {
		return s, nil
	}
	select {
	case s := <-coming:
		return s, nil
	case <-ctx.Done():
		p.forget(coming)
		return nil, ctx.Err()
	case <-p.ctx.Done():
		p.forget(coming)
		return nil, ErrClosed
	}
}

// reserve reserves a free slot. If there is none the next one comes through the channel.
func (p *Pool) reserve() (*Slot, chan *Slot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) > 0 {
		s := p.free[0]
		p.free = slices.Delete(p.free, 0, 1)
		s.reserved = true
		return s, nil
	}
	coming := make(chan *Slot, 1)
	p.waiting = append(p.waiting, coming)
	p.grow()
	return nil, coming
}

// forget notes that an Acquire waits no longer.
func (p *Pool) forget(coming chan *Slot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.waiting, coming); i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
		return
	}
	s := <-coming // at the last moment
	s.giveBack()
}

// grow adds a slot, if there may be one, and more calls of Acquire wait than slots are about
// to be ready. One more call that waits is the only reason to ask: a slot that was about to be
// ready is so, and then one call less waits.
func (p *Pool) grow() {
	starting := 0
	for _, s := range p.slots {
		if s.starting && !s.reserved {
			starting++
		}
	}
	if len(p.slots) == p.o.Concurrency || starting >= len(p.waiting) || p.ctx.Err() != nil {
		return
	}
	s := &Slot{pool: p, events: make(chan *invocation), down: make(chan error, 1), starting: true}
	p.slots = append(p.slots, s)
	p.ended.Go(func() {
		s.run(p.ctx)
	})
}

// Close ends the processes, and what they have started, and waits for their end.
func (p *Pool) Close() {
	p.stop()
	p.ended.Wait()
}

// Kill is Close without a chance for the processes to end by themselves.
func (p *Pool) Kill() {
	p.mu.Lock()
	p.hurry = true
	p.mu.Unlock()
	p.Close()
}

// stop lets no slot start another process. The lock keeps grow from adding one to the
// slots that Close waits for.
func (p *Pool) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cancel()
}

// graceful reports whether processes are asked to end before they are killed.
func (p *Pool) graceful() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.hurry
}
