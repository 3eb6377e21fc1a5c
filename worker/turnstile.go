package worker

import (
	"cmp"
	"context"
	"slices"
)

// turnstile is a worker's gates, one behind the other.
type turnstile []Gate

// inOrder returns the gates in the order in which they are asked: breakers last,
// since what one has let through while it is half open keeps all others waiting. They
// are asked in the order in which they were made, by all workers that share several:
// otherwise two of them could each have what the other waits for.
func inOrder(first Gate, gates []Gate) turnstile {
	t := append(turnstile{first}, gates...)
	slices.SortStableFunc(t, func(a, b Gate) int { return cmp.Compare(breakerNumber(a), breakerNumber(b)) })
	return t
}

func breakerNumber(g Gate) int64 {
	if b, ok := g.(*Breaker); ok {
		return b.number
	}
	return 0
}

// again is the gates for a message that was received: all but the first, which is the
// worker's own Pause.
func (t turnstile) again() turnstile { return t[1:] }

// open reports whether nobody has paused meanwhile what has passed the gates.
func (t turnstile) open() bool {
	for _, g := range t {
		if s, ok := g.(*Switch); ok && s.Paused() {
			return false
		}
	}
	return true
}

// take waits until all gates let messages through and returns how many, 0 if ctx
// ends. While a gate waits, what the ones before it have let through stays taken; if
// one was paused since it was passed, it starts again.
func (t turnstile) take(ctx context.Context, n int) int {
	for {
		got := t.pass(ctx, n)
		if got == 0 || t.open() {
			return got
		}
		t.giveBack(got)
	}
}

// pass is take, but for pauses.
func (t turnstile) pass(ctx context.Context, n int) int {
	for i, g := range t {
		got, err := g.Take(ctx, n)
		if got <= 0 || err != nil || ctx.Err() != nil {
			t[:i].giveBack(n)
			if got > 0 {
				g.Return(got)
			}
			return 0
		}
		if got < n {
			t[:i].giveBack(n - got)
			n = got
		}
	}
	return n
}

func (t turnstile) giveBack(n int) {
	if n <= 0 {
		return
	}
	for _, g := range t {
		g.Return(n)
	}
}

// forgo is giveBack for messages that were received.
func (t turnstile) forgo(ms ...*Message) {
	n := 0
	for _, m := range ms {
		if m.granted {
			m.granted = false
			n++
		}
	}
	t.giveBack(n)
	for _, g := range t {
		if g, ok := g.(keyed); ok {
			for _, m := range ms {
				g.forget(m)
			}
		}
	}
}

func (t turnstile) done(m *Message, err error) {
	for _, g := range t {
		g.Done(m, err)
	}
}
