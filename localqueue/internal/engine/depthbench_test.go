package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// stretch is how many messages take a step before the clock is read: read between any two, it
// would be much of what is measured.
const stretch = 1000

// laps are how long stretches took. Their median is what one takes that nothing else on the machine
// interrupts.
type laps []time.Duration

// since ends a lap that began at start, and returns when the next begins.
func (l *laps) since(start time.Time) time.Time {
	now := time.Now()
	*l = append(*l, now.Sub(start))
	return now
}

// report reports the median, of one message.
func (l laps) report(b *testing.B, unit string) {
	slices.Sort(l)
	b.ReportMetric(float64(l[len(l)/2].Nanoseconds())/stretch, unit)
}

// BenchmarkDepth is every step of a message's life on a queue in which so many others wait all along,
// and the whole life by tens: all of one queue, so that it has to be filled but once.
func BenchmarkDepth(b *testing.B) {
	for _, depth := range []int{0, 1000, 100_000, 1_000_000, 10_000_000} {
		if testing.Short() && depth > 1_000_000 {
			continue
		}
		b.Run(fmt.Sprint(depth), func(b *testing.B) {
			s := newSteps(depth)
			b.ReportAllocs()
			for b.Loop() {
				s.round(b)
			}
			s.report(b)
			if got := s.Counts(s.now); got != (engine.Counts{Visible: depth}) {
				b.Errorf("%+v remain of %d", got, depth)
			}
		})
	}
}

// steps is a queue, and how long each step took there.
type steps struct {
	*bench
	order                                []int // of changes
	send, receive, change, remove, cycle laps
}

func newSteps(depth int) *steps {
	s := &steps{bench: newBench(engine.NewMessages, false), order: rand.New(rand.NewPCG(1, 2)).Perm(stretch)}
	s.handle = make([]engine.Handle, 0, stretch)
	s.fill(depth)
	return s
}

// round has a stretch of messages take each step, and as many live by tens.
func (s *steps) round(tb testing.TB) {
	at := time.Now()
	for range stretch {
		s.bench.send()
	}
	at = s.send.since(at)
	s.handle = s.handle[:0]
	for range stretch / 10 {
		for _, d := range s.bench.receive(10) {
			s.handle = append(s.handle, d.Handle)
		}
	}
	at = s.receive.since(at)
	if len(s.handle) != stretch {
		tb.Fatalf("received %d of %d", len(s.handle), stretch)
	}
	for _, i := range s.order {
		s.ChangeVisibility(s.tick(), s.handle[i], time.Hour+time.Duration(i))
	}
	at = s.change.since(at)
	for _, h := range s.handle {
		s.Delete(s.tick(), h)
	}
	at = s.remove.since(at)
	for range stretch / 10 {
		s.bench.cycle(tb)
	}
	s.cycle.since(at)
}

// report reports the steps of one message.
func (s *steps) report(b *testing.B) {
	for step, took := range map[string]laps{
		"send": s.send, "receive": s.receive, "change": s.change, "delete": s.remove, "cycle": s.cycle,
	} {
		took.report(b, step+"-ns/msg")
	}
	b.ReportMetric(0, "ns/op")
}
