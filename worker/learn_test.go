package worker

import (
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// Whatever receives bring, there is a poller, and there are not more than there may be.
func TestThereIsAlwaysAPoller(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			f := &fetcher{run: &run{}, most: 1 + random.IntN(100), target: 1}
			few := 0 // in a hundred receives
			for i := range 2000 {
				if random.IntN(100) == 0 {
					few = random.IntN(3) * 50
				}
				asked, took := 1+random.IntN(batchSize), time.Duration(random.IntN(30_000))*time.Microsecond
				got := asked
				var err error
				switch n := random.IntN(1000); {
				case n == 0:
					err = errors.New("lost")
				case n == 1:
					got = 0
				case n < 50:
					took = time.Duration(random.IntN(1000)) * time.Microsecond
				case random.IntN(100) < few:
					asked, got = batchSize, 1
				}
				time.Sleep(time.Duration(random.IntN(10_000)) * time.Microsecond)
				f.learn(asked, got, err, took, random.IntN(2) == 0)
				if f.target < 1 || f.target > f.most {
					t.Fatalf("seed %d: %d pollers after %d receives, of at most %d", seed, f.target, i+1, f.most)
				}
			}
		})
	}
}

// A step is not judged by pollers that ended since.
func TestAStepIsForgottenWhenPollersEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const took = 20 * time.Millisecond
		f := &fetcher{run: &run{}, most: 100, target: 16, growth: growth{began: time.Now(), rate: 100, step: 8}}
		for f.target > 4 {
			f.learn(batchSize, 1, nil, took, false)
		}
		for range 1000 {
			time.Sleep(time.Millisecond)
			if f.learn(batchSize, batchSize, nil, took, false); f.target < 4 {
				t.Fatalf("%d pollers while receives come back full, want no fewer than 4", f.target)
			}
		}
	})
}
