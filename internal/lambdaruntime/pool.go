package lambdaruntime

import (
	"context"
	"sync"
)

// Pool is a function's processes. Make it with New, and Close it.
type Pool struct {
	o      Options
	ready  chan *Slot // each slot at most once
	ctx    context.Context
	cancel context.CancelFunc
	slots  sync.WaitGroup

	stdout, stderr *lines

	mu       sync.Mutex
	count    int  // slots
	starting int  // of them, those with a process not yet ready
	waiting  int  // calls of Acquire that found no process
	hurry    bool // processes are killed without being asked to end
}

// New returns the Pool of a function, whose command must exist. Nothing is started yet.
func New(opts ...func(*Options)) (*Pool, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	p := &Pool{o: o, ready: make(chan *Slot, o.Concurrency)}
	p.stdout, p.stderr = newLines(o.Stdout), newLines(o.Stderr)
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p, nil
}

// Acquire waits until a process waits for an event, and reserves it.
func (p *Pool) Acquire(ctx context.Context) (*Slot, error) {
	for {
		select {
		case s := <-p.ready:
			if s.reserve() {
				return s, nil
			}
			continue
		default:
		}
		s, err := p.await(ctx)
		if err != nil || s.reserve() {
			return s, err
		}
	}
}

// await waits for a slot, for which another one may be added.
func (p *Pool) await(ctx context.Context) (*Slot, error) {
	p.grow()
	defer p.waitsNoMore()
	select {
	case s := <-p.ready:
		return s, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.ctx.Done():
		return nil, ErrClosed
	}
}

func (p *Pool) waitsNoMore() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting--
}

// grow notes that an Acquire waits. It adds a slot, if there may be one, and no more are about
// to be ready than others wait for.
func (p *Pool) grow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting++
	if p.count == p.o.Concurrency || p.starting >= p.waiting || p.ctx.Err() != nil {
		return
	}
	p.count++
	s := &Slot{pool: p, events: make(chan *invocation), down: make(chan error, 1)}
	p.starting++
	p.slots.Go(func() {
		s.run(p.ctx)
	})
}

func (p *Pool) addStarting(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.starting += n
}

// Close ends the processes, and what they have started, and waits for their end.
func (p *Pool) Close() {
	p.stop()
	p.slots.Wait()
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
