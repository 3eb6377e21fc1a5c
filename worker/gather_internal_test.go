package worker

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// gathering is a batcher without callers: its parts are put in by hand, so that
// a test decides who comes first at one and the same instant.
type gathering struct {
	*batcher[int]
	ran chan []int
}

func newGathering(size int, wait time.Duration) gathering {
	ran := make(chan []int, 10)
	h := Batch(size, wait, func(_ context.Context, vs []int) []error { ran <- vs; return nil })
	return gathering{h.(*batcher[int]), ran}
}

func (g gathering) part(ctx context.Context, v int) *part[int] {
	return &part[int]{ctx: ctx, message: &Message{}, value: v}
}

// want fails the test unless n batches ran and, if idle, nothing is kept for
// another one.
func (g gathering) want(t *testing.T, n int, idle bool) {
	t.Helper()
	synctest.Wait()
	if len(g.ran) != n {
		t.Errorf("%d batches ran, want %d", len(g.ran), n)
	}
	if (g.open == nil) != idle {
		t.Errorf("a batch gathers: %v, want %v", g.open != nil, !idle)
	}
}

func wantStopped(t *testing.T, timer *time.Timer) {
	t.Helper()
	if timer.Stop() {
		t.Error("a timer was left armed")
	}
}

func TestBatchOneTimerWhileItGathers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGathering(3, time.Hour)
		timer := g.join(g.part(t.Context(), 0)).timer
		if b := g.join(g.part(t.Context(), 1)); b.timer != timer {
			t.Error("the second to join has armed another timer")
		}
		g.want(t, 0, false)
		g.join(g.part(t.Context(), 2))
		g.want(t, 1, true)
		wantStopped(t, timer)
	})
}

func TestBatchWithoutWaitingHasNoTimer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGathering(3, 0)
		for i := range 2 {
			if b := g.join(g.part(t.Context(), i)); b.timer != nil || !b.begun {
				t.Errorf("begun = %v, timer %v, want it to begin without", b.begun, b.timer)
			}
		}
		g.want(t, 2, true)
	})
}

func TestBatchEndsWhenAllHaveLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, end := range map[string]func(g gathering, b *batch[int], p *part[int]){
			"one after the other": func(g gathering, b *batch[int], p *part[int]) { g.leave(b, p) },
			"when it is full":     func(g gathering, _ *batch[int], p *part[int]) { g.join(g.part(p.ctx, 1)) },
			"when it is due":      func(g gathering, b *batch[int], _ *part[int]) { g.due(b) },
		} {
			ctx, cancel := context.WithCancel(t.Context())
			g := newGathering(2, time.Hour)
			p := g.part(ctx, 0)
			b := g.join(p)
			cancel()
			t.Log(name)
			end(g, b, p)
			g.want(t, 0, true)
			wantStopped(t, b.timer)
			if p.err == nil || len(b.parts) != 0 {
				t.Errorf("%d parts are left, error %v, want none, and the cause", len(b.parts), p.err)
			}
			if !g.leave(b, p) {
				t.Error("the part is told to wait for an answer")
			}
		}
	})
}

// A timer that fires while its batch begins, or is left by all, comes too late
// for that batch, and too early for the next.
func TestBatchTimerComesTooLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, full := range []bool{true, false} {
			g := newGathering(2, time.Hour)
			p := g.part(t.Context(), 0)
			old := g.join(p)
			batches := 0
			if full {
				g.join(g.part(t.Context(), 1))
				batches = 1
			} else {
				g.leave(old, p)
			}
			b := g.join(g.part(t.Context(), 2))
			g.due(old)
			g.want(t, batches, false)
			if g.open != b {
				t.Error("the next batch does not gather any more")
			}
			g.closeLocked(b)
		}
	})
}
