package journal_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// BenchmarkAppend measures acknowledged appends of 1 KB at several numbers of
// callers, beside the yardstick: one WriteAt and one sync of 1 KB after the other,
// into a file that was written before. Each iteration is one round of all of them,
// interleaved; what is reported are medians over the rounds. Run it with -benchtime 5x
// or more.
func BenchmarkAppend(b *testing.B) {
	const round = time.Second
	callers := []int{1, 16, 64, 256}
	raw := newRaw(b)
	rates := map[int][]float64{}
	ratios := map[int][]float64{}
	l := newSteady(b)
	l.run(256, 2*time.Second, journal.Synced) // until all segments are recycled ones
	b.ResetTimer()
	for range b.N {
		before := raw.run(round / 2)
		for _, c := range callers {
			rate := l.run(c, round, journal.Synced)
			after := raw.run(round / 2)
			yardstick := (before + after) / 2
			before = after
			rates[0] = append(rates[0], yardstick)
			rates[c] = append(rates[c], rate)
			ratios[c] = append(ratios[c], rate/yardstick)
		}
	}
	b.StopTimer()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(rates[0]), "raw/s")
	for _, c := range callers {
		b.ReportMetric(median(rates[c]), fmt.Sprintf("c%d/s", c))
		b.ReportMetric(median(ratios[c]), fmt.Sprintf("c%d/raw", c))
	}
}

// BenchmarkMixed has 64 callers, each of which appends a record that is synced, one that
// is only written, and one that is synced, in turn: as those do who send, receive and
// delete. It reports records per second, and how long those only written took.
func BenchmarkMixed(b *testing.B) {
	const round = time.Second
	l := newSteady(b)
	l.run(256, 2*time.Second, journal.Synced)
	l.took = nil
	var rates []float64
	b.ResetTimer()
	for range b.N {
		rates = append(rates, l.run(64, round, journal.Synced, journal.Written, journal.Synced))
	}
	b.StopTimer()
	slices.Sort(l.took)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(rates), "records/s")
	b.ReportMetric(float64(l.took[len(l.took)/2].Microseconds()), "p50-written-us")
	b.ReportMetric(float64(l.took[len(l.took)*99/100].Microseconds()), "p99-written-us")
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

// raw is the yardstick.
type raw struct {
	f    journal.File
	body []byte
	at   int64
}

const rawSize = 64 << 20

func newRaw(b *testing.B) *raw {
	d := mustDir(b, filepath.Join(b.TempDir(), "raw"))
	f, err := d.Create("raw")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	if _, err := f.WriteAt(make([]byte, rawSize), 0); err != nil {
		b.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	return &raw{f: f, body: random(1024)}
}

// run returns writes per second.
func (r *raw) run(d time.Duration) float64 {
	n, start := 0, time.Now()
	for time.Since(start) < d {
		if _, err := r.f.WriteAt(r.body, r.at); err != nil {
			panic(err)
		}
		if err := r.f.Sync(); err != nil {
			panic(err)
		}
		r.at = (r.at + 1024) % rawSize
		n++
	}
	return float64(n) / time.Since(start).Seconds()
}

func random(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return b
}

// steady is a log of constant size: what is more than a few segments old is dropped.
type steady struct {
	l    *journal.Log
	mu   sync.Mutex
	last uint32
	took []time.Duration // by appends that were only written
}

func newSteady(b *testing.B) *steady {
	l, _, _ := mustOpen(b, mustDir(b, filepath.Join(b.TempDir(), "log")), journal.Options{})
	b.Cleanup(func() { mustClose(b, l) })
	return &steady{l: l}
}

// run returns acknowledged appends per second; each caller's are of these modes in turn.
func (s *steady) run(callers int, d time.Duration, modes ...journal.Mode) float64 {
	var wg sync.WaitGroup
	counts := make([]int, callers)
	start := time.Now()
	for c := range callers {
		wg.Go(func() {
			body := random(1024)
			var took []time.Duration
			for began := start; began.Sub(start) < d; {
				m := modes[counts[c]%len(modes)]
				p, ticket, err := add(s.l, body, m)
				if err == nil {
					err = s.l.Wait(ticket)
				}
				if err != nil {
					panic(err)
				}
				counts[c]++
				now := time.Now()
				if m == journal.Written {
					took = append(took, now.Sub(began))
				}
				began = now
				s.dropBefore(p.Segment)
			}
			s.mu.Lock()
			s.took = append(s.took, took...)
			s.mu.Unlock()
		})
	}
	wg.Wait()
	took := time.Since(start).Seconds()
	n := 0
	for _, c := range counts {
		n += c
	}
	return float64(n) / took
}

// dropBefore drops the segment two before, once.
func (s *steady) dropBefore(now uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == 0 {
		s.last = now
	}
	for ; s.last+2 <= now; s.last++ {
		if err := s.l.Drop(s.last); err != nil {
			panic(err)
		}
	}
}
