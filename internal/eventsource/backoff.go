package eventsource

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff has pauses that double, with jitter.
type backoff struct{ next time.Duration }

const (
	firstPause = 100 * time.Millisecond
	maxPause   = 20 * time.Second
)

func newBackoff() *backoff { return &backoff{firstPause} }

// wait waits for the next pause, or until ctx ends.
func (b *backoff) wait(ctx context.Context) {
	pause := b.next/2 + rand.N(b.next/2)
	b.next = min(2*b.next, maxPause)
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
