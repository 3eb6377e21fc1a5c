package engine_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// BenchmarkLife is a message's whole life by tens, as BenchmarkCycle is, but the median of stretches, so that a
// busy machine does not show, and on FIFO queues with messages of so many groups, of which each that is
// sent has a random one.
func BenchmarkLife(b *testing.B) {
	const deep = 1_000_000
	b.Run("copy+2locks", func(b *testing.B) { lapped(b, leastWork()) })
	for _, s := range stores {
		for _, depth := range []int{0, deep} {
			b.Run(fmt.Sprintf("%s/standard/%d", s.name, depth), func(b *testing.B) { lives(b, newBench(s.make, false), depth) })
		}
	}
	b.Run("engine/groups=1/0", func(b *testing.B) { lives(b, grouped(1), 0) })
	for groups := 1; groups <= 1_000_000; groups *= 10 {
		b.Run(fmt.Sprintf("engine/groups=%d/%d", groups, deep), func(b *testing.B) { lives(b, grouped(groups), deep) })
	}
}

// leastWork copies a stretch of bodies and takes two uncontended locks for each.
func leastWork() func() {
	var mu sync.Mutex
	locked, src, dst := 0, make([]byte, body), make([]byte, body)
	return func() {
		for range stretch {
			copy(dst, src)
			for range 2 {
				mu.Lock()
				locked++
				mu.Unlock()
			}
		}
	}
}

// grouped is a FIFO queue that gets messages of so many groups.
func grouped(groups int) *bench {
	names := make([]string, groups)
	for i := range names {
		names[i] = fmt.Sprint("group-", i)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	x := newBench(engine.NewMessages, true)
	x.group = func() string { return names[rnd.IntN(groups)] }
	return x
}

// lives has stretches of messages live by tens while so many others wait.
func lives(b *testing.B, x *bench, depth int) {
	x.fill(depth)
	lapped(b, func() {
		for range stretch / 10 {
			x.cycle(b)
		}
	})
}

// lapped reports the median of what a message takes, once all storage is there that is needed.
func lapped(b *testing.B, work func()) {
	for range 10 {
		work()
	}
	took := make(laps, 0, 1<<16)
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		work()
		took.since(start)
	}
	took.report(b, "ns/msg")
	b.ReportMetric(0, "ns/op")
}
