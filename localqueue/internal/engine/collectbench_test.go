package engine_test

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// keepers keep many messages: the engine, and its yardstick, for which every body is an object of its own.
// Each returns what takes one more in the place of one that goes, of which replace times the part that
// is a send, and keeps all reachable.
var keepers = []struct {
	name string
	fill func(depth int) (replace func() time.Duration)
}{{"engine", keepInEngine}, {"objects", keepObjects}}

// BenchmarkCollection is a full collection with many messages there, the longest time that it stops all else,
// and the time of a send while another goroutine collects all the time. Here, an op is all of that.
func BenchmarkCollection(b *testing.B) {
	for _, k := range keepers {
		for _, depth := range []int{1_000_000, 10_000_000} {
			if testing.Short() && depth > 1_000_000 {
				continue
			}
			b.Run(fmt.Sprintf("%s/%d", k.name, depth), func(b *testing.B) {
				for b.Loop() {
					collect(b, k.fill, depth)
				}
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

func collect(b *testing.B, fill func(int) func() time.Duration, depth int) {
	before := heapBytes()
	replace := fill(depth)
	after := heapBytes()
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(depth)-body, "overhead-B/msg")
	b.ReportMetric(float64(after.HeapObjects-before.HeapObjects)/float64(depth), "objects/msg")
	full := make([]time.Duration, 5)
	for i := range full {
		start := time.Now()
		runtime.GC()
		full[i] = time.Since(start)
	}
	slices.Sort(full)
	b.ReportMetric(float64(full[len(full)/2].Nanoseconds()), "collection-ns")
	took := underCollection(replace)
	b.ReportMetric(float64(longestPause(after.NumGC).Nanoseconds()), "pause-ns")
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "send-p50-ns")
	b.ReportMetric(float64(took[len(took)*999/1000].Nanoseconds()), "send-p99.9-ns")
}

func keepInEngine(depth int) func() time.Duration {
	x := newBench(engine.NewMessages, false)
	x.fill(depth)
	return func() time.Duration {
		start := time.Now()
		x.send()
		took := time.Since(start)
		for _, d := range x.receive(1) {
			x.Delete(x.tick(), d.Handle)
		}
		return took
	}
}

func keepObjects(depth int) func() time.Duration {
	bodies, oldest, source := make([][]byte, depth), 0, make([]byte, body)
	for i := range bodies {
		bodies[i] = bytes.Clone(source)
	}
	return func() time.Duration {
		start := time.Now()
		bodies[oldest] = bytes.Clone(source)
		took := time.Since(start)
		oldest = (oldest + 1) % depth
		return took
	}
}

// underCollection takes times of sends: 300,000 at least, until three collections are over that
// another goroutine makes meanwhile.
func underCollection(replace func() time.Duration) []time.Duration {
	const sends, collections = 300_000, 3
	done := make(chan struct{}, collections)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			runtime.GC()
			select {
			case <-stop:
				return
			case done <- struct{}{}:
			default: // more than are waited for
			}
		}
	}()
	took := make([]time.Duration, 0, 4*sends)
	for len(took) < sends || len(done) < collections {
		took = append(took, replace())
	}
	close(stop)
	<-stopped
	return took
}

// longestPause is the longest time that a collection stopped the world, of those since then that the
// runtime remembers.
func longestPause(since uint32) time.Duration {
	var s debug.GCStats
	debug.ReadGCStats(&s)
	return slices.Max(s.Pause[:min(len(s.Pause), int(s.NumGC)-int(since))])
}
