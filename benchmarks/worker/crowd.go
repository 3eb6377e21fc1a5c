package main

import (
	"context"
	"sync"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// crowd is handlers of which so many are to run at once.
type crowd struct {
	want    int
	takes   time.Duration // each
	full    chan struct{} // closed once so many run
	release chan struct{} // closed to end them early

	mu        sync.Mutex
	began     time.Time
	now, most int           // that run, and the most that did at once
	handled   int           // that have returned
	at        time.Duration // from began until there were so many for the first time
}

func newCrowd(want int, takes time.Duration) *crowd {
	return &crowd{want: want, takes: takes, full: make(chan struct{}), release: make(chan struct{})}
}

// begin starts the clock.
func (h *crowd) begin() {
	h.mu.Lock()
	h.began = time.Now()
	h.mu.Unlock()
}

// reached is the most that ran at once.
func (h *crowd) reached() climb {
	h.mu.Lock()
	defer h.mu.Unlock()
	return climb{h.at.Seconds(), h.most}
}

func (h *crowd) handle(ctx context.Context, _ *worker.Message) error {
	h.enter()
	defer h.leave()
	t := time.NewTimer(h.takes)
	defer t.Stop()
	select {
	case <-t.C:
	case <-h.release:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (h *crowd) enter() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now++; h.now <= h.most {
		return
	}
	h.most, h.at = h.now, time.Since(h.began)
	if h.now == h.want {
		close(h.full)
	}
}

func (h *crowd) leave() {
	h.mu.Lock()
	h.now--
	h.handled++
	h.mu.Unlock()
}
