package worker

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func join(t *testing.T, p *Pool, weight int) *member {
	t.Helper()
	m, err := p.join(weight, p.size)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// check holds the pool to its invariants.
func (p *Pool) check(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	claimed := 0
	for _, m := range p.members {
		if m.held < 0 || m.held > m.limit {
			t.Errorf("a member holds %d permits, want 0 to %d", m.held, m.limit)
		}
		claimed += max(m.held, 1)
	}
	if claimed != p.claimed || claimed >= p.size+len(p.members) && claimed > p.size {
		t.Errorf("%d permits are held or kept, %d counted, of %d", claimed, p.claimed, p.size)
	}
}

func TestPoolGathers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := join(t, NewPool(10), 1)
		if n := m.acquire(t.Context(), 7, time.Minute); n != 7 {
			t.Fatalf("acquire(7) of 10 = %d", n)
		}
		began := time.Now()
		if n := m.acquire(t.Context(), 7, time.Minute); n != 3 || time.Since(began) != time.Minute {
			t.Errorf("acquire(7) of 3 = %d after %v, want 3 after a minute", n, time.Since(began))
		}
		go func() {
			time.Sleep(time.Hour)
			m.release(1)
			time.Sleep(time.Second)
			m.release(4)
		}()
		if n := m.acquire(t.Context(), 5, time.Minute); n != 5 {
			t.Errorf("acquire(5) = %d, want 5 as they come", n)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if n := m.acquire(ctx, 1, time.Minute); n != 0 {
			t.Errorf("acquire = %d once its context has ended, want 0", n)
		}
		m.release(10)
		m.pool.check(t)
	})
}

// Whoever holds least for its weight gets what becomes free.
func TestPoolSharesByWeight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPool(30)
		var wg sync.WaitGroup
		handled := make([]int, 3)
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		for i, weight := range []int{1, 2, 7} {
			m := join(t, p, weight)
			wg.Go(func() {
				defer m.leave()
				var running sync.WaitGroup
				for m.acquire(ctx, 1, 0) > 0 {
					handled[i]++
					running.Go(func() {
						time.Sleep(rand.N(2 * time.Second))
						m.release(1)
					})
				}
				running.Wait()
			})
		}
		wg.Wait()
		for i, weight := range []int{1, 2, 7} {
			share := float64(handled[i]) / float64(handled[0]+handled[1]+handled[2])
			if want := float64(weight) / 10; share < want*0.9 || share > want*1.1 {
				t.Errorf("the worker of weight %d has handled a share of %.3f, want %.1f", weight, share, want)
			}
		}
	})
}

// A member that takes everything for hours leaves each other one its own permit.
func TestPoolKeepsOneForEach(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPool(5)
		slow, quick := join(t, p, 100), join(t, p, 1)
		if n := slow.acquire(t.Context(), 5, time.Second); n != 4 {
			t.Errorf("the slow one gets %d of 5, want 4", n)
		}
		began := time.Now()
		for range 100 {
			if quick.acquire(t.Context(), 1, 0) != 1 || !time.Now().Equal(began) {
				t.Fatalf("the quick one waited %v", time.Since(began))
			}
			quick.release(1)
		}
		if _, err := p.join(1, 5); err != nil {
			t.Errorf("join = %v, want a third member", err)
		}
		for range 2 {
			join(t, p, 1)
		}
		if _, err := p.join(1, 5); err == nil {
			t.Error("a sixth worker joins a pool of 5 permits")
		}
	})
}

func TestPoolUnderRandomUse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPool(12)
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), 1))
				for range 200 {
					m := join(t, p, 1+r.IntN(3))
					time.Sleep(time.Duration(r.IntN(100)))
					ctx, stop := context.WithTimeout(t.Context(), time.Duration(1+r.IntN(300)))
					for range r.IntN(5) {
						n := m.acquire(ctx, 1+r.IntN(10), time.Duration(r.IntN(50)))
						n += m.try(r.IntN(3))
						time.Sleep(time.Duration(r.IntN(50)))
						m.release(n)
					}
					stop()
					m.leave()
				}
			})
		}
		wg.Wait()
		p.check(t)
		if p.claimed != 0 {
			t.Errorf("%d permits are claimed when all have left", p.claimed)
		}
	})
}
