package engine_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// air is a log that says where records would stand, in segments of 64 MiB, and keeps
// none of them.
type air struct {
	engine.Ledger
	at engine.Place
}

func (a *air) Append(_ engine.Kind, record []byte, _ int) engine.Place {
	n := uint32(len(record))
	if a.at.Offset += a.at.Length; a.at.Offset+n > 64<<20 || a.at.Segment == 0 {
		a.at.Segment, a.at.Offset = a.at.Segment+1, 32
	}
	a.at.Length = n
	return a.at
}

// newDiskBench is newBench with contents in the air.
func newDiskBench(tb testing.TB, fifo bool) *bench {
	e := engine.New([16]byte{1}, engine.NewMessages, 20_000_000)
	log := new(air)
	log.Set(nil, nil)
	e.SetLogs(func(uint32) engine.Log { return log })
	x := &bench{now: 1e18, message: engine.Message{Blob: make([]byte, body), Delay: -1}, group: func() string { return "" }}
	name, attributes := "q", map[string]string{"MessageRetentionPeriod": "1209600"}
	if fifo {
		name, attributes["FifoQueue"] = "q.fifo", "true"
	}
	q, err := e.Create(x.now, engine.Name{Account: "000000000000", Region: "us-east-1", Queue: name}, attributes, nil)
	if err != nil {
		tb.Fatal(err)
	}
	x.Messages = q.Messages
	return x
}

// BenchmarkFootprintOnDisk is what a message costs in memory whose content is on
// disk: never received, delayed, in flight, received and visible again, and of a FIFO
// queue with one group and with one for each message.
func BenchmarkFootprintOnDisk(b *testing.B) {
	cases := []struct {
		name    string
		fifo    bool
		prepare func(x *bench, i int)
		after   func(x *bench)
	}{
		{"cold", false, nil, nil},
		{"delayed", false, func(x *bench, _ int) { x.message.Delay = 10 * time.Hour }, nil},
		{"in-flight", false, nil, receiveAll(10 * time.Hour)},
		{"received", false, nil, receiveAll(0)},
		{"fifo", true, func(x *bench, _ int) { x.message.Group = "one" }, nil},
		{"fifo-groups", true, func(x *bench, i int) { x.message.Group = fmt.Sprintf("group-%07d", i) }, nil},
	}
	for _, c := range cases {
		for _, n := range depths(b)[1:] {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				for b.Loop() {
					before := heapBytes()
					x := newDiskBench(b, c.fifo)
					for i := range n {
						if c.prepare != nil {
							c.prepare(x, i)
						}
						x.Send(x.tick(), &x.message)
					}
					if c.after != nil {
						c.after(x)
					}
					after := heapBytes()
					b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "B/msg")
					start := time.Now()
					runtime.GC()
					b.ReportMetric(float64(time.Since(start).Microseconds()), "gc-us")
					runtime.KeepAlive(x)
				}
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// receiveAll receives every message, which is visible again if the timeout is 0.
func receiveAll(timeout time.Duration) func(*bench) {
	return func(x *bench) {
		for {
			x.out.Reset()
			x.Receive(x.tick(), engine.Receive{Max: 10, Visibility: 10 * time.Hour}, nil, &x.out)
			if len(x.out.Deliveries) == 0 {
				break
			}
		}
		if timeout == 0 {
			x.now += int64(11 * time.Hour)
			x.Counts(x.now)
		}
		x.out = engine.Batch{}
	}
}

// BenchmarkCycleOnDisk is BenchmarkCycle with records made, and the account kept, but
// written nowhere.
func BenchmarkCycleOnDisk(b *testing.B) {
	for _, depth := range depths(b) {
		b.Run(fmt.Sprint(depth), func(b *testing.B) {
			x := newDiskBench(b, false)
			x.fill(depth)
			b.ReportAllocs()
			for b.Loop() {
				x.cycle(b)
			}
			perMessage(b, 10)
		})
	}
}

// BenchmarkLedger is what a message books in its life: content needed, marked, bond
// of its tombstone, and both needed no more; alone, and with all processors at it.
func BenchmarkLedger(b *testing.B) {
	const segments = 1000
	life := func(l *engine.Ledger, n uint32) {
		l.Need(n, 200)
		l.Need(n, 32)
		l.Bind(n+1, n, 10)
		l.Need(n, -200)
		l.Need(n, -32)
	}
	for _, own := range []bool{false, true} {
		name := map[bool]string{false: "one-segment", true: "a-segment-each"}[own]
		b.Run(name+"/alone", func(b *testing.B) {
			var l engine.Ledger
			for i := uint32(0); b.Loop(); i++ {
				life(&l, 1+i/1000%segments)
			}
		})
		b.Run(name+"/together", func(b *testing.B) {
			var l engine.Ledger
			var who atomic.Uint32
			b.RunParallel(func(pb *testing.PB) {
				n := uint32(1)
				if own {
					n = 2 * who.Add(1)
				}
				for pb.Next() {
					life(&l, n)
				}
			})
		})
	}
}
