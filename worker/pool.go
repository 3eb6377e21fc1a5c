package worker

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Pool is permits to run handlers, which several workers share: at most so many of
// their handlers run at once. A worker without Options.Pool has one of its own.
//
// Each running worker of a pool has one permit that is its own, so a queue whose
// handlers are slow, or whose requests hang, never stops the others. (One that
// begins when all permits are in use gets its own nevertheless; until others end,
// there is one more than the pool was made with.) The rest goes
// to whoever has messages; while more is wanted than there is, a permit that
// becomes free goes to the worker that holds least for its Options.Weight. A
// running handler is never interrupted, so shares are reached as handlers end.
//
// A poll holds as many permits as it may bring messages. To keep that from the
// others, a worker of a shared pool whose queue is empty polls with its own permit
// alone.
type Pool struct {
	size int

	mu      sync.Mutex
	members []*member
	claimed int // permits held, and those kept for members that hold none
}

// NewPool makes a pool of n permits, at least one for each worker that will run
// at the same time: Run reports a pool that is too small.
func NewPool(n int) *Pool { return &Pool{size: n} }

// member is a running worker's part in a pool.
type member struct {
	pool   *Pool
	weight int
	limit  int // permits it may hold

	held   int // guarded by pool.mu, like what follows
	claims []*claim
}

// claim is a wait for up to want permits.
type claim struct {
	want, got int
	news      chan struct{} // gets a token with the first permit, and with the last
}

func (p *Pool) join(weight, limit int) (*member, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.members) >= p.size {
		return nil, fmt.Errorf("worker: a pool of %d permits has %d running workers already, and each needs one of its own", p.size, len(p.members))
	}
	m := &member{pool: p, weight: weight, limit: min(limit, p.size)}
	p.members = append(p.members, m)
	p.claimed++
	return m, nil
}

// leave ends the membership. Handlers that were abandoned may still hold permits:
// these stay taken until they return.
func (m *member) leave() {
	p := m.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.members {
		if p.members[i] == m {
			p.members = append(p.members[:i], p.members[i+1:]...)
			break
		}
	}
	if m.held == 0 {
		p.claimed--
	}
	m.limit = -1
	p.serveLocked()
}

// shared reports whether there are other members.
func (m *member) shared() bool {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	return len(m.pool.members) > 1
}

// borrows reports whether the next permit of m would not be its own.
func (m *member) borrows() bool {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	return m.held > 0
}

// acquire waits for a permit, and then up to gather for more of up to n. It
// returns 0 if ctx ends first.
func (m *member) acquire(ctx context.Context, n int, gather time.Duration) int {
	if ctx.Err() != nil {
		return 0
	}
	c := m.claim(n)
	if c.news == nil {
		return c.got
	}
	var late <-chan time.Time
	for {
		select {
		case <-c.news:
			if n := m.settle(c, false); n > 0 {
				return n
			}
			if late == nil {
				t := time.NewTimer(gather)
				defer t.Stop()
				late = t.C
			}
		case <-late:
			return m.settle(c, true)
		case <-ctx.Done():
			m.release(m.settle(c, true))
			return 0
		}
	}
}

// claim takes what is free and, if that is less than n, has c wait for the rest.
func (m *member) claim(n int) *claim {
	c := &claim{want: n}
	p := m.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	c.want = min(n, m.limit)
	m.claims = append(m.claims, c)
	p.serveLocked()
	if c.got == c.want {
		m.drop(c)
		return c
	}
	c.news = make(chan struct{}, 1)
	if c.got > 0 {
		c.news <- struct{}{}
	}
	return c
}

// settle ends c if it has all that it wants, or at any rate if enough is true, and
// returns its permits.
func (m *member) settle(c *claim, enough bool) int {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	if c.got < c.want && !enough {
		return 0
	}
	m.drop(c)
	return c.got
}

func (m *member) drop(c *claim) {
	for i := range m.claims {
		if m.claims[i] == c {
			m.claims = append(m.claims[:i], m.claims[i+1:]...)
			return
		}
	}
}

// try takes up to n permits that are free and that nobody waits for.
func (m *member) try(n int) (got int) {
	p := m.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	for got < n && m.mayLocked() && p.neediestLocked() == nil {
		m.takeLocked()
		got++
	}
	return got
}

// release gives n permits back.
func (m *member) release(n int) {
	if n == 0 {
		return
	}
	p := m.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	m.held -= n
	kept := 0
	if m.held == 0 && m.limit >= 0 {
		kept = 1
	}
	p.claimed -= n - kept
	p.serveLocked()
}

// mayLocked reports whether m may take a permit now. pool.mu must be held.
func (m *member) mayLocked() bool {
	if m.held == 0 {
		return m.limit > 0
	}
	return m.held < m.limit && m.pool.claimed < m.pool.size
}

func (m *member) takeLocked() {
	if m.held > 0 {
		m.pool.claimed++
	}
	m.held++
}

// serveLocked hands out what is free. pool.mu must be held.
func (p *Pool) serveLocked() {
	for m := p.neediestLocked(); m != nil; m = p.neediestLocked() {
		for _, c := range m.claims {
			if c.got == c.want {
				continue
			}
			m.takeLocked()
			c.got++
			if c.news != nil && (c.got == 1 || c.got == c.want) && len(c.news) == 0 {
				c.news <- struct{}{} // nobody else sends: pool.mu is held
			}
			break
		}
	}
}

// neediestLocked returns the member that is to have the next permit: of those that
// wait and may have one, the one that holds least for its weight. pool.mu must be
// held.
func (p *Pool) neediestLocked() (neediest *member) {
	for _, m := range p.members {
		if !m.waitsLocked() || !m.mayLocked() {
			continue
		}
		if neediest == nil || m.held*neediest.weight < neediest.held*m.weight {
			neediest = m
		}
	}
	return neediest
}

func (m *member) waitsLocked() bool {
	for _, c := range m.claims {
		if c.got < c.want {
			return true
		}
	}
	return false
}
