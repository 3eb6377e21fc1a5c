package lambdaruntime

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestStaleTimer has the timer of a next that came at the last moment fire while that, its
// event and the answer are dealt with: it does not take the next that is due then for late.
func TestStaleTimer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const limit = time.Second
		p := &process{slot: &Slot{pool: &Pool{ctx: context.Background(), o: Options{Timeout: limit}}}, ready: make(chan struct{})}
		p.mu.Lock()
		p.nexts = 1
		p.mustAsk("answered")
		time.Sleep(limit) // the timer's goroutine waits for the lock
		p.inTime()
		p.nexts++
		p.mustAsk("answered")
		p.mu.Unlock()
		synctest.Wait()
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.reason != nil {
			t.Errorf("killed: %v", p.reason)
		}
		p.inTime()
	})
}

// TestLateNext has a next come to a process that is gone: it changes nothing for the one after.
func TestLateNext(t *testing.T) {
	t.Parallel()
	s := &Slot{pool: &Pool{}, starting: true}
	gone, here := &process{slot: s}, &process{slot: s}
	s.enter(gone)
	s.leave(gone)
	s.enter(here)
	s.await(gone)
	if !s.starting || s.nexts != 0 || len(s.pool.free) != 0 {
		t.Errorf("starting %t, %d nexts, %d free", s.starting, s.nexts, len(s.pool.free))
	}
	s.await(here)
	s.unawait(gone)
	if s.starting || s.nexts != 1 || len(s.pool.free) != 1 {
		t.Errorf("starting %t, %d nexts, %d free", s.starting, s.nexts, len(s.pool.free))
	}
}

// TestNextAfterFailure has a process ask for an event that has said that it cannot start, and
// one say so that has asked: neither counts.
func TestNextAfterFailure(t *testing.T) {
	t.Parallel()
	failed, started := &process{slot: &Slot{}, ready: make(chan struct{})}, &process{slot: &Slot{}, ready: make(chan struct{})}
	if !failed.fails() || failed.asks() == "" || failed.isReady() {
		t.Error("a process that cannot start gets events")
	}
	if started.asks() != "" || started.fails() || !started.isReady() {
		t.Error("a process that asks for events cannot start")
	}
}
