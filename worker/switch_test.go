package worker

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestSwitchHoldsWhilePaused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var s Switch
		if n := takeNow(&s, 10); n != 10 || s.Paused() {
			t.Errorf("the zero Switch grants %d, Paused = %v, want 10, false", n, s.Paused())
		}
		s.Pause()
		s.Pause()
		if n := takeNow(&s, 10); n != 0 || !s.Paused() {
			t.Errorf("a paused Switch grants %d, Paused = %v, want 0, true", n, s.Paused())
		}
		time.AfterFunc(time.Second, s.Pause)
		time.AfterFunc(time.Minute, s.Resume)
		start := time.Now()
		if n, took := take(t, &s, 10), time.Since(start); n != 10 || took != time.Minute {
			t.Errorf("%d granted after %v, want 10 after 1m, when it is resumed", n, took)
		}
		s.Resume()
		if n := takeNow(&s, 10); n != 10 || s.Paused() {
			t.Errorf("a resumed Switch grants %d, Paused = %v, want 10, false", n, s.Paused())
		}
	})
}

// A Take that wakes up late must see that the switch is paused again.
func TestSwitchPausedAgainHolds(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var s Switch
		s.Pause()
		ctx, cancel := context.WithCancel(t.Context())
		took := make(chan error, 1)
		go func() {
			_, err := s.Take(ctx, 1)
			took <- err
		}()
		synctest.Wait()
		s.mu.Lock() // Resume and Pause, in one
		close(s.resumed)
		s.resumed = make(chan struct{})
		s.mu.Unlock()
		synctest.Wait()
		cancel()
		if err := <-took; !errors.Is(err, context.Canceled) {
			t.Errorf("Take = %v, want it to wait until its context is cancelled", err)
		}
	})
}
