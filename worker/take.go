package worker

import (
	"context"
	"time"
)

// patience is how long a poll keeps what the gates have let through while there is
// nothing to poll with.
const patience = time.Second

// take waits until there is something to poll for: first the gates let it through,
// then there are permits or places in the buffer. It returns for what, which is
// nothing if ctx ends, and how long the poll may wait. idle is how many polls in a
// row have brought nothing.
//
// What is at hand and waits for the gates goes first. It may hold all permits, so what
// a poll has of the gates it gives back when it finds none: both would wait for ever.
// Others may wait for the gates too, so it asks them only when there is room.
//
// A worker that was paused while a poll waited for the other gates, or for permits, does
// not make it.
func (r *run) take(ctx context.Context, idle int) (g grant, wait time.Duration) {
	want, wait := batchSize, longPoll
	if r.member.shared() {
		want, wait = r.share(ctx, idle)
	}
	for g.messages() == 0 {
		if len(r.opts.Gates) > 0 {
			r.giveUpRoom(r.room(ctx, 1))
		}
		r.calm(ctx)
		n := r.gates.take(ctx, want)
		if n == 0 {
			return grant{}, 0
		}
		g = r.takeRoom(ctx, n)
		if !r.gates.open() {
			r.giveUpRoom(g)
			g = grant{}
		}
		r.gates.giveBack(n - g.messages())
	}
	return g, wait
}

// takeRoom takes permits and places for up to n messages. It gives up after patience if
// there are gates.
func (r *run) takeRoom(ctx context.Context, n int) grant {
	if len(r.opts.Gates) > 0 {
		limited, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		ctx = limited
	}
	return r.room(ctx, n)
}

// room waits for permits and places for up to n messages.
func (r *run) room(ctx context.Context, n int) grant {
	if r.opts.Prefetch > 0 {
		return r.takeAhead(ctx, n)
	}
	return grant{permits: r.member.acquire(ctx, n, gather)}
}

// share is how a worker of a shared pool polls: with messages at hand for as many
// as it can get, but briefly, so that others get permits that bring nothing; and
// while its queue is empty with one permit. If its own is in use, even that one is
// another's, and it is asked for less and less often.
func (r *run) share(ctx context.Context, idle int) (want int, wait time.Duration) {
	switch {
	case idle == 0:
		return batchSize, briefPoll
	case !r.member.borrows():
		return 1, longPoll
	}
	sleep(ctx, min(time.Duration(idle)*time.Second, 5*time.Second))
	return 1, briefPoll
}

// takeAhead takes permits that are free and places in the buffer for the rest. If
// there are less than n it waits a little, as acquire does, while handlers run.
func (r *run) takeAhead(ctx context.Context, n int) (g grant) {
	t := time.NewTimer(gather)
	defer t.Stop()
	late := false
	for ctx.Err() == nil {
		changed := r.buffer.change() // before the look at it, lest a change between the two be missed
		g.permits += r.member.try(n - g.messages())
		g.places += r.buffer.reserve(n - g.messages())
		if g.messages() == n || g.messages() > 0 && (late || r.resting()) {
			return g
		}
		if g.messages() == 0 && r.buffer.empty() {
			return grant{permits: r.member.acquire(ctx, n, gather)}
		}
		if g.permits > 0 && !r.buffer.empty() { // what waits there comes first
			r.member.release(g.permits)
			g.permits = 0
		}
		select {
		case <-changed:
		case <-t.C:
			late = true
		case <-ctx.Done():
		}
	}
	r.member.release(g.permits)
	r.buffer.unreserve(g.places)
	return grant{}
}

// resting reports whether nothing is at hand, and no other poll under way.
func (r *run) resting() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.chains)+len(r.polls) == 0
}

// rested has a poll that waits for more look again, now that a handler or a poll has ended
// and what it held is free: if it was the last there is nothing to wait for.
func (r *run) rested() {
	if r.opts.Prefetch == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.chains)+len(r.polls) == 0 {
		r.buffer.changedLocked()
	}
}
