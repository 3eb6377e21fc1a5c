package worker_test

import "sync"

// gauge counts what is there at once.
type gauge struct {
	mu        sync.Mutex
	now, most int
}

// add has n more be there.
func (g *gauge) add(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now += n
	g.most = max(g.most, g.now)
}

// peak is the most there were at once.
func (g *gauge) peak() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.most
}

// anew forgets what was.
func (g *gauge) anew() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.most = g.now
}
