package worker

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// RateLimit returns a gate that lets perSecond messages a second through. It
// keeps a bucket of tokens, burst of them at first and at most, to which
// perSecond a second are added; each message takes one. Workers that share the
// gate share the rate.
//
// In any span of t seconds, at most burst + perSecond x t messages are received,
// and as many more as the polls asked for that were under way when it began,
// which is at most ten, and at most burst, for each of them: a poll takes its
// tokens when it starts, and while it waits for messages, up to 20 s, the bucket
// fills up again. What a poll does not bring, and what goes back to the queue
// unhandled, is put back and does not count.
//
// So that messages are not received one by one, a receive that finds fewer
// tokens than it could use waits up to 100 ms for those that will come by then.
//
// perSecond may be less than 1, but must be more than 0. burst must be 1 or more.
func RateLimit(perSecond float64, burst int) Gate {
	if !(perSecond > 0) || math.IsInf(perSecond, 1) {
		return badGate{fmt.Errorf("RateLimit: perSecond is %v, want a number above 0", perSecond)}
	}
	if burst < 1 || burst > most {
		return badGate{fmt.Errorf("RateLimit: burst is %d, want 1 to %d", burst, most)}
	}
	return &rateLimit{
		bucket: rate.NewLimiter(rate.Limit(perSecond), burst),
		turn:   make(chan struct{}, 1),
		back:   make(chan struct{}, 1),
	}
}

type rateLimit struct {
	// turn is full while a Take is served. The others wait to fill it, and the
	// runtime lets them in the order in which they came.
	turn chan struct{}
	back chan struct{} // told when tokens were put back

	mu     sync.Mutex // so that the bucket sees time go forward only
	bucket *rate.Limiter
}

// Take waits for its turn, for a token, and a little for more.
func (g *rateLimit) Take(ctx context.Context, n int) (int, error) {
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
	case <-ctx.Done():
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n = min(n, g.bucket.Burst())
	for g.tokens() == 0 {
		if err := g.wait(ctx, g.until(1)); err != nil {
			return 0, err
		}
	}
	end := time.Now().Add(gather)
	for k := g.tokens(); k < n && g.until(k+1) <= time.Until(end); k = g.tokens() {
		if err := g.wait(ctx, min(g.until(n), time.Until(end))); err != nil {
			return 0, err
		}
	}
	return g.grab(n), nil
}

// grab takes up to n tokens, as many as there are. Nobody but the Take whose turn
// it is does, so there are no fewer than it has seen.
func (g *rateLimit) grab(n int) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	n = min(n, int(g.bucket.TokensAt(now)))
	g.bucket.AllowN(now, n)
	return n
}

// tokens returns how many whole tokens there are.
func (g *rateLimit) tokens() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return int(g.bucket.TokensAt(time.Now()))
}

// until returns how long it takes until the bucket holds n tokens, if none is
// put back.
func (g *rateLimit) until(n int) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	missing := float64(n) - g.bucket.TokensAt(time.Now())
	d := math.Ceil(missing / float64(g.bucket.Limit()) * float64(time.Second))
	return time.Duration(min(max(d, 0), math.MaxInt64/2))
}

// wait waits for d, until tokens are put back, or until ctx ends.
func (g *rateLimit) wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-g.back:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// Return puts n tokens back, as far as there is room for them.
func (g *rateLimit) Return(n int) {
	g.mu.Lock()
	g.bucket.ReserveN(time.Now(), -n)
	g.mu.Unlock()
	select {
	case g.back <- struct{}{}:
	default:
	}
}

// Done does nothing: a message counts when it is received.
func (g *rateLimit) Done(*Message, error) {}
