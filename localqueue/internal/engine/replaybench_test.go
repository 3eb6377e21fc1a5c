package engine_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// tape keeps the heads of records, which is all that recovery needs.
type tape struct {
	air
	heads []byte
	ends  []int
	at    []engine.Place
}

func (t *tape) Append(kind engine.Kind, record []byte, head int) engine.Place {
	p := t.air.Append(kind, record, head)
	t.heads = append(t.heads, record[:head]...)
	t.ends, t.at = append(t.ends, len(t.heads)), append(t.at, p)
	return p
}

// record makes the log of a queue that n messages were sent to, one every pace.
func recordTape(tb testing.TB, fifo bool, n int, pace time.Duration, each func(m *engine.Message, i int)) (*tape, engine.Time) {
	e := engine.New([16]byte{1}, engine.NewMessages, 120_000)
	log := new(tape)
	log.Set(nil, nil)
	e.SetLogs(func(uint32) engine.Log { return log })
	e.Begin()
	name, attributes := "q", map[string]string{"MessageRetentionPeriod": "1209600"}
	if fifo {
		name, attributes["FifoQueue"] = "q.fifo", "true"
	}
	now := engine.Time(1e18)
	q, err := e.Create(now, engine.Name{Account: "000000000000", Region: "us-east-1", Queue: name}, attributes, nil)
	if err != nil {
		tb.Fatal(err)
	}
	m := engine.Message{Blob: make([]byte, body), Delay: -1}
	for i := range n {
		each(&m, i)
		now += int64(pace)
		q.Messages.Send(now, &m)
	}
	return log, now
}

// replay recovers from a tape, and says how much memory was in use at most.
func (t *tape) replay(tb testing.TB, now engine.Time) (e *engine.Engine, peak uint64) {
	e = engine.New([16]byte{}, engine.NewMessages, 120_000)
	e.Began = now
	log := new(air)
	e.SetLogs(func(uint32) engine.Log { return log })
	var memory runtime.MemStats
	sample := func() {
		runtime.ReadMemStats(&memory)
		peak = max(peak, memory.HeapAlloc)
	}
	from := 0
	for i, to := range t.ends {
		if err := e.Replay(t.at[i], t.heads[from:to:to]); err != nil {
			tb.Fatal(err)
		}
		if from = to; i%100_000 == 0 {
			sample()
		}
	}
	sample()
	if err := e.Recovered(now, func(uint32) bool { return true }); err != nil {
		tb.Fatal(err)
	}
	sample()
	return e, peak
}

// BenchmarkReplay is what a message costs that recovery finds in the log: time, memory
// at most meanwhile, and memory that stays. All were sent within a minute; right after
// that every deduplication id is still of use, an hour later none is.
func BenchmarkReplay(b *testing.B) {
	id := func(i int) string {
		sum := sha256.Sum256([]byte(strconv.Itoa(i)))
		return hex.EncodeToString(sum[:]) // as content-based deduplication makes them
	}
	cases := []struct {
		name string
		fifo bool
		each func(m *engine.Message, i int)
	}{
		{"standard", false, func(*engine.Message, int) {}},
		{"delayed", false, func(m *engine.Message, _ int) { m.Delay = 10 * time.Hour }},
		{"fifo", true, func(m *engine.Message, i int) { m.Group, m.Dedup = "one", id(i) }},
		{"fifo-groups", true, func(m *engine.Message, i int) { m.Group, m.Dedup = fmt.Sprintf("group-%07d", i), id(i) }},
	}
	for _, c := range cases {
		for _, n := range depths(b)[1:] {
			for _, later := range []time.Duration{0, time.Hour} {
				b.Run(fmt.Sprintf("%s/%d/after-%v", c.name, n, later), func(b *testing.B) {
					log, now := recordTape(b, c.fifo, n, time.Minute/time.Duration(n), c.each)
					now += int64(later)
					before := heapBytes()
					for b.Loop() {
						e, peak := log.replay(b, now)
						b.StopTimer()
						b.ReportMetric(float64(peak-before.HeapAlloc)/float64(n), "peak-B/msg")
						b.ReportMetric(float64(heapBytes().HeapAlloc-before.HeapAlloc)/float64(n), "B/msg")
						runtime.KeepAlive(e)
						e = nil
						runtime.GC()
						b.StartTimer()
					}
					perMessage(b, n)
				})
			}
		}
	}
}

// BenchmarkForwardAttempts is what a record costs of a receive that is written again
// from a segment that is being emptied, by how many attempts there are.
func BenchmarkForwardAttempts(b *testing.B) {
	for _, n := range []int{1000, 30_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			x := newDiskBench(b, true)
			for i := range n {
				x.message.Group = strconv.Itoa(i)
				x.Send(x.tick(), &x.message)
			}
			for i := range n {
				x.out.Reset()
				x.Receive(x.tick(), engine.Receive{Max: 1, Visibility: time.Hour, Attempt: strconv.Itoa(i)}, nil, &x.out)
			}
			record := append([]byte{3, 1, 0}, "\x0212"...) // facts of attempt 12
			for b.Loop() {
				if err := x.Messages.(engine.Durable).Forward(x.now, engine.Place{Segment: 9}, record, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
