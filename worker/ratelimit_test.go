package worker

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// take is Take without an end.
func take(t *testing.T, g Gate, n int) int {
	t.Helper()
	got, err := g.Take(context.Background(), n)
	if err != nil {
		t.Errorf("Take = %v", err)
	}
	return got
}

// takeNow is a Take that may not wait: 0 if it would.
func takeNow(g Gate, n int) int {
	ctx, cancel := context.WithTimeout(context.Background(), 1)
	defer cancel()
	n, _ = g.Take(ctx, n)
	return n
}

func TestRateLimitGathersTokens(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		g := RateLimit(50, 20)
		start := time.Now()
		for _, want := range []struct {
			n  int
			at time.Duration
		}{
			{10, 0}, {10, 0}, // the burst
			{6, 120 * time.Millisecond}, // one token, and 100 ms for more
			{6, 240 * time.Millisecond},
		} {
			if n, at := take(t, g, 10), time.Since(start); n != want.n || at != want.at {
				t.Errorf("%d granted after %v, want %d after %v", n, at, want.n, want.at)
			}
		}
		time.Sleep(time.Hour)
		start = time.Now()
		if n, took := take(t, g, 100), time.Since(start); n != 20 || took != 0 {
			t.Errorf("%d granted after an hour and %v, want the burst of 20 at once", n, took)
		}
		g.Return(15)
		if n := take(t, g, 10); n != 10 {
			t.Errorf("%d granted after 15 were returned, want 10", n)
		}
	})
}

func TestRateLimitDoesNotGatherWhatTakesLong(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		g := RateLimit(0.1, 3)
		start := time.Now()
		for i, want := range []int{3, 1, 1} {
			if n, at := take(t, g, 10), time.Since(start); n != want || at != time.Duration(i)*10*time.Second {
				t.Errorf("%d granted after %v, want %d after %v", n, at, want, time.Duration(i)*10*time.Second)
			}
		}
	})
}

func TestRateLimitServesWhatIsReturnedAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		g := RateLimit(0.001, 2)
		take(t, g, 2)
		time.AfterFunc(time.Second, func() { g.Return(2) })
		start := time.Now()
		if n, took := take(t, g, 10), time.Since(start); n != 2 || took != time.Second {
			t.Errorf("%d granted after %v, want the 2 returned after 1s", n, took)
		}
		g.Return(100)
		if n := take(t, g, 10); n != 2 {
			t.Errorf("%d granted after more was returned than granted, want the burst of 2", n)
		}
	})
}

func TestRateLimitServesInOrder(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		g := RateLimit(1, 1)
		take(t, g, 1)
		var mu sync.Mutex
		var order []int
		for i := range 20 {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				if _, err := g.Take(ctx, 1); err == nil {
					mu.Lock()
					defer mu.Unlock()
					order = append(order, i)
				}
			}()
			synctest.Wait() // i is in line
			if i%5 == 0 {
				defer cancel()
			} else {
				time.AfterFunc(100*time.Millisecond, cancel) // out of line again, the first in line too
			}
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := []int{0, 5, 10, 15}; !slices.Equal(order, want) {
			t.Errorf("served in the order %v, want %v", order, want)
		}
	})
}

// A flood after a quiet time meets polls that have held their grants while the
// bucket filled up again: one more burst, or ten, for each poller.
func TestRateLimitWithPollsUnderWay(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		g := RateLimit(1, 5)
		held := 0
		for range 3 {
			held += take(t, g, 10) // a poll of an empty queue
			time.Sleep(5 * time.Second)
		}
		if now := takeNow(g, 10); held != 15 || now != 5 {
			t.Errorf("three polls hold %d and %d more are granted at once, want 15 and 5", held, now)
		}
	})
}

// The bound that RateLimit states, with pollers that wait up to 20 s for messages
// and give back what did not come.
func TestRateLimitHoldsItsBound(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const perSecond, burst, pollers = 7.0, 12, 4
		g := RateLimit(perSecond, burst)
		type reply struct {
			asked, at  time.Time
			granted, n int
		}
		var mu sync.Mutex
		var replies []reply
		var wg sync.WaitGroup
		for i := range pollers {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), 2))
				for time.Now().Before(time.Unix(946684800+300, 0)) {
					granted, asked := take(t, g, 10), time.Now()
					came := granted
					if time.Now().Unix()/60%2 == 0 { // a minute of plenty, one of scarcity
						time.Sleep(time.Duration(r.IntN(20_000)) * time.Millisecond)
						came = r.IntN(granted + 1)
					}
					mu.Lock()
					replies = append(replies, reply{asked, time.Now(), granted, came})
					mu.Unlock()
					if came < granted {
						g.Return(granted - came)
					}
				}
			})
		}
		wg.Wait()
		slices.SortFunc(replies, func(a, b reply) int { return a.at.Compare(b.at) })
		total := 0
		for _, from := range replies {
			sum, held := 0, 0
			for _, r := range replies {
				if r.asked.Before(from.at) && !r.at.Before(from.at) {
					held += r.granted
				}
			}
			for _, r := range replies {
				if r.at.Before(from.at) {
					continue
				}
				sum += r.n
				if most := burst + float64(held) + perSecond*r.at.Sub(from.at).Seconds(); float64(sum) > most+1e-6 {
					t.Fatalf("%d messages within %v, when %d were asked for before, want at most %.1f", sum, r.at.Sub(from.at), held, most)
				}
			}
			total += from.n
		}
		if total < 800 {
			t.Errorf("%d messages came in five minutes, two of them plentiful, want about 7 a second in those", total)
		}
	})
}
