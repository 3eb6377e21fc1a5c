package engine_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/naive"
)

// The benchmarks of the engine count messages: an "op" is one message unless the
// name says otherwise. Bodies are 100 bytes; MD5 is not part of the engine. Depths
// of 10,000,000 need 4 GB; -short leaves them out.
//
//	go test -bench . -benchtime 2s ./localqueue/internal/engine

const body = 100

var stores = []struct {
	name string
	make func(uint32) engine.Messages
}{{"engine", engine.NewMessages}, {"naive", naive.New}}

func settings(fifo bool) engine.Settings {
	return engine.Settings{FIFO: fifo, Retention: 4 * 24 * time.Hour, MaxInFlight: 120_000}
}

// bench is a store under load at a clock of its own, a microsecond a call.
type bench struct {
	engine.Messages
	now     engine.Time
	message engine.Message
	out     engine.Batch
	group   func() string
	handle  []engine.Handle
}

func newBench(make_ func(uint32) engine.Messages, fifo bool) *bench {
	x := &bench{Messages: make_(1), now: 1e18, message: engine.Message{Blob: make([]byte, body), Delay: -1}, group: func() string { return "" }}
	x.Configure(x.now, settings(fifo))
	return x
}

func (x *bench) tick() engine.Time { x.now += 1000; return x.now }

func (x *bench) send() {
	x.message.Group = x.group()
	x.Send(x.tick(), &x.message)
}

func (x *bench) receive(n int) []engine.Delivery {
	x.out.Reset()
	x.Receive(x.tick(), engine.Receive{Max: n, Visibility: 30 * time.Second}, nil, &x.out)
	return x.out.Deliveries
}

// cycle sends ten, receives ten, deletes ten.
func (x *bench) cycle(tb testing.TB) {
	for range 10 {
		x.send()
	}
	got := x.receive(10)
	if len(got) != 10 {
		tb.Fatalf("received %d of 10", len(got))
	}
	for i := range got {
		x.Delete(x.tick(), got[i].Handle)
	}
}

func (x *bench) fill(n int) {
	for range n {
		x.send()
	}
}

func depths(b *testing.B) []int {
	if testing.Short() {
		return []int{0, 1_000_000}
	}
	return []int{0, 1_000_000, 10_000_000}
}

// perMessage makes the figures of a loop of b.N rounds those of one of n messages.
func perMessage(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/msg")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkCycle is a message's whole life, sent, received and deleted by tens, at
// several depths, beside the least it could cost (a copy and two uncontended locks)
// and the naive engine.
func BenchmarkCycle(b *testing.B) {
	b.Run("yardstick/copy+2locks", func(b *testing.B) {
		var mu sync.Mutex
		locked := 0
		src, dst := make([]byte, body), make([]byte, body)
		for b.Loop() {
			for range 10 {
				copy(dst, src)
				for range 2 {
					mu.Lock()
					locked++
					mu.Unlock()
				}
			}
		}
		perMessage(b, 10)
	})
	for _, s := range stores {
		for _, depth := range depths(b) {
			if s.name == "naive" && depth > 1_000_000 {
				continue
			}
			b.Run(fmt.Sprintf("%s/standard/%d", s.name, depth), func(b *testing.B) {
				x := newBench(s.make, false)
				x.fill(depth)
				b.ReportAllocs()
				for b.Loop() {
					x.cycle(b)
				}
				perMessage(b, 10)
			})
		}
	}
}

// BenchmarkFIFO is the same on FIFO queues: one group, a thousand, and a million at random.
func BenchmarkFIFO(b *testing.B) {
	for _, c := range fifoCases(b) {
		b.Run(fmt.Sprintf("groups=%d/%d", c.groups, c.depth), func(b *testing.B) {
			names := make([]string, c.groups)
			for i := range names {
				names[i] = fmt.Sprint("group-", i)
			}
			x := newBench(engine.NewMessages, true)
			rnd := rand.New(rand.NewPCG(1, 2))
			x.group = func() string { return names[rnd.IntN(len(names))] }
			x.fill(c.depth)
			b.ReportAllocs()
			for b.Loop() {
				x.cycle(b)
			}
			perMessage(b, 10)
		})
	}
}

func fifoCases(b *testing.B) (cases []struct{ groups, depth int }) {
	for _, groups := range []int{1, 1000, 1_000_000} {
		for _, depth := range depths(b) {
			cases = append(cases, struct{ groups, depth int }{groups, depth})
		}
	}
	return cases
}

// BenchmarkSend, BenchmarkReceive, BenchmarkDelete and
// BenchmarkChangeVisibility are single steps with depth.
func BenchmarkSend(b *testing.B) {
	eachDepth(b, func(b *testing.B, x *bench) {
		for b.Loop() {
			x.send()
		}
	})
}

// BenchmarkDedup sends to a FIFO queue that remembers so many deduplication ids.
func BenchmarkDedup(b *testing.B) {
	for _, n := range []int{1000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			x := newBench(engine.NewMessages, true)
			x.message.Group = "one"
			send := func(i int) {
				x.now += int64(engine.DedupWindow) / int64(n)
				x.message.Dedup = strconv.Itoa(i)
				x.Send(x.now, &x.message)
				x.Delete(x.now, x.receive(1)[0].Handle)
			}
			for i := range n {
				send(i)
			}
			for i := n; b.Loop(); i++ {
				send(i)
			}
		})
	}
}

func BenchmarkReceive(b *testing.B) {
	eachDepth(b, func(b *testing.B, x *bench) {
		var took time.Duration
		for b.Loop() {
			start := time.Now()
			got := x.receive(10)
			took += time.Since(start)
			for i := range got {
				x.ChangeVisibility(x.tick(), got[i].Handle, 0)
			}
		}
		perTen(b, took)
	})
}

func BenchmarkDelete(b *testing.B) {
	eachDepth(b, func(b *testing.B, x *bench) {
		var took time.Duration
		for b.Loop() {
			got := x.receive(10)
			start := time.Now()
			for i := range got {
				x.Delete(x.now, got[i].Handle)
			}
			took += time.Since(start)
			x.fill(10)
		}
		perTen(b, took)
	})
}

// perTen reports the part of each round of ten messages that was timed. (The
// benchmark's own timer is too slow to be stopped twice a microsecond.)
func perTen(b *testing.B, took time.Duration) {
	b.ReportMetric(float64(took.Nanoseconds())/float64(b.N*10), "ns/msg")
	b.ReportMetric(0, "ns/op")
}

func BenchmarkChangeVisibility(b *testing.B) {
	eachDepth(b, func(b *testing.B, x *bench) {
		for range 1000 {
			for _, d := range x.receive(10) {
				x.handle = append(x.handle, d.Handle)
			}
		}
		rnd := rand.New(rand.NewPCG(1, 2))
		for b.Loop() {
			x.now++ // a nanosecond, so that nothing lapses
			x.ChangeVisibility(x.now, x.handle[rnd.IntN(len(x.handle))], time.Hour+time.Duration(rnd.IntN(1e9)))
		}
	})
}

func eachDepth(b *testing.B, f func(*testing.B, *bench)) {
	for _, depth := range depths(b) {
		b.Run(fmt.Sprint(depth), func(b *testing.B) {
			x := newBench(engine.NewMessages, false)
			x.fill(max(depth, 10_000))
			b.ReportAllocs()
			f(b, x)
		})
	}
}

// BenchmarkResident is memory per message, a full collection, and the
// time of a send while the collector runs.
func BenchmarkResident(b *testing.B) {
	depth := 10_000_000
	if testing.Short() {
		depth = 1_000_000
	}
	b.Run(fmt.Sprint(depth), func(b *testing.B) {
		for b.Loop() {
			before := heapBytes()
			x := newBench(engine.NewMessages, false)
			x.fill(depth)
			after := heapBytes()
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(depth)-body, "overhead-B/msg")
			b.ReportMetric(float64(after.HeapObjects-before.HeapObjects)/float64(depth), "objects/msg")
			start := time.Now()
			runtime.GC()
			b.ReportMetric(float64(time.Since(start).Microseconds()), "gc-us")
			p50, p999 := sendUnderGC(x)
			b.ReportMetric(float64(p50.Nanoseconds()), "send-p50-ns")
			b.ReportMetric(float64(p999.Nanoseconds()), "send-p99.9-ns")
			runtime.KeepAlive(x)
		}
		b.ReportMetric(0, "ns/op")
	})
}

// BenchmarkOneObjectPerMessage is its yardstick: the collection when every
// body is an object of its own.
func BenchmarkOneObjectPerMessage(b *testing.B) {
	depth := 10_000_000
	if testing.Short() {
		depth = 1_000_000
	}
	b.Run(fmt.Sprint(depth), func(b *testing.B) {
		for b.Loop() {
			bodies := make([][]byte, depth)
			for i := range bodies {
				bodies[i] = make([]byte, body)
			}
			runtime.GC()
			start := time.Now()
			runtime.GC()
			b.ReportMetric(float64(time.Since(start).Microseconds()), "gc-us")
			runtime.KeepAlive(bodies)
		}
		b.ReportMetric(0, "ns/op")
	})
}

func heapBytes() runtime.MemStats {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m
}

// sendUnderGC times sends, with receives and deletes between them, while another
// goroutine keeps collecting.
func sendUnderGC(x *bench) (p50, p999 time.Duration) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	took := make([]time.Duration, 0, 300_000)
	for len(took) < cap(took) {
		for range 10 {
			start := time.Now()
			x.send()
			took = append(took, time.Since(start))
		}
		for _, d := range x.receive(10) {
			x.Delete(x.tick(), d.Handle)
		}
	}
	close(stop)
	<-stopped
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*999/1000]
}

// BenchmarkFootprint is what a message group, a tenant, a deduplication id and a
// delayed message cost in memory beside the message itself.
func BenchmarkFootprint(b *testing.B) {
	const n = 1_000_000
	grown := func(fifo bool, group, dedup bool, delay time.Duration) float64 {
		x := newBench(engine.NewMessages, fifo)
		x.message.Delay, x.message.Group = delay, "one"
		before := heapBytes()
		for i := range n {
			if group {
				x.message.Group = fmt.Sprintf("group-%07d", i)
			}
			if dedup {
				x.message.Dedup = fmt.Sprintf("dedup-%07d", i)
			}
			x.now++
			x.Send(x.now, &x.message)
		}
		after := heapBytes()
		runtime.KeepAlive(x)
		return float64(after.HeapAlloc-before.HeapAlloc) / n
	}
	for b.Loop() {
		plain := grown(false, false, false, -1)
		b.ReportMetric(plain-body, "B/message")
		b.ReportMetric(grown(true, true, false, -1)-plain, "B/group")
		b.ReportMetric(grown(false, true, false, -1)-plain, "B/tenant")
		b.ReportMetric(grown(true, false, true, -1)-plain, "B/dedup-id")
		b.ReportMetric(grown(false, false, false, time.Minute)-plain, "B/delayed")
	}
	b.ReportMetric(0, "ns/op")
}
