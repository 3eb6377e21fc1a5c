package producer

import (
	"context"
	"slices"
)

// watch is over a context that messages of SendAsync were given, for all of them at once.
type watch struct {
	p       *Producer
	ctx     context.Context
	stop    func() bool
	members []*Pending // not answered
}

// watchLocked has c given up when ctx ends. p.mu must be held.
func (p *Producer) watchLocked(ctx context.Context, c *Pending) {
	done := ctx.Done()
	if done == nil {
		return
	}
	w := p.watches[done]
	if w == nil {
		w = &watch{p: p, ctx: ctx}
		if p.watches == nil {
			p.watches = make(map[<-chan struct{}]*watch)
		}
		p.watches[done] = w
		w.stop = context.AfterFunc(ctx, w.ended)
	}
	c.watch, c.place = w, len(w.members)
	w.members = append(w.members, c)
}

// endLocked ends the watch over the context of c, which is being answered. p.mu must be
// held.
func (w *watch) endLocked(c *Pending) {
	last := len(w.members) - 1
	w.members[c.place] = w.members[last]
	w.members[c.place].place = c.place
	w.members[last] = nil
	w.members = w.members[:last]
	c.watch = nil
	if last == 0 {
		w.stop()
		delete(w.p.watches, w.ctx.Done())
	}
}

// ended is called when the context has ended.
func (w *watch) ended() {
	w.p.mu.Lock()
	members := slices.Clone(w.members)
	for _, c := range members {
		w.p.abandonLocked(c, w.ctx.Err())
	}
	w.p.telling++
	w.p.startLocked()
	w.p.mu.Unlock()
	w.p.tell(members)
}
