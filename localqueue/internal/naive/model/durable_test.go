package model_test

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/naive"
	"github.com/quayside-go/quayside/localqueue/internal/naive/model"
)

// disk is a log in memory, some records to a segment; those that nothing needs are
// dropped.
type disk struct {
	engine.Ledger
	segments map[uint32][]record
	last     uint32
}

type record struct {
	at   engine.Place
	text []byte
	head int
}

func (d *disk) Append(_ engine.Kind, text []byte, head int) engine.Place {
	if len(d.segments[d.last]) >= 25 || d.last == 0 {
		d.last++
		d.Need(d.last, 0)
	}
	records := d.segments[d.last]
	at := engine.Place{Segment: d.last, Offset: uint32(len(records) + 1), Length: uint32(len(text))}
	d.segments[d.last] = append(records, record{at, slices.Clone(text), head})
	return at
}

func (d *disk) read(at engine.Place) []byte {
	if records := d.segments[at.Segment]; int(at.Offset) <= len(records) && at.Offset > 0 {
		return records[at.Offset-1].text
	}
	return nil
}

func (d *disk) exists(n uint32) bool { return d.segments[n] != nil }

// drop drops what is dead.
func (d *disk) drop() {
	for _, n := range slices.Sorted(maps.Keys(d.segments)) {
		if n != d.last && d.Dead(n) {
			delete(d.segments, n)
			d.Dropped(n)
		}
	}
}

// world is an engine on disk that is recovered now and then.
type world struct {
	e       *engine.Engine
	disk    *disk
	random  *rand.Rand
	flat    bool // no tenants: what fairness knows of them does not survive a recovery
	again   int  // recoveries
	outside int  // queues that something arrived from
	made    []*durable
	origins map[engine.Origin]engine.Origin // what the script calls them
	sources map[uint32]uint32
}

func newWorld(seed uint64) *world {
	w := &world{
		disk: &disk{segments: map[uint32][]record{}}, random: rand.New(rand.NewPCG(seed, 1)),
		origins: map[engine.Origin]engine.Origin{}, sources: map[uint32]uint32{},
	}
	w.flat = w.random.IntN(2) == 0
	w.e = w.newEngine()
	w.e.Begin()
	return w
}

func (w *world) newEngine() *engine.Engine {
	e := engine.New([16]byte{7}, engine.NewMessages, 120000)
	e.SetLogs(func(uint32) engine.Log { return w.disk })
	return e
}

// messages are the Messages of the next queue.
func (w *world) messages(queue uint32) engine.Messages {
	d := &durable{w: w, number: queue}
	w.made = append(w.made, d)
	return d
}

// recover replaces the engine by what stands on disk.
func (w *world) recover() error {
	w.disk.drop()
	e := w.newEngine()
	for _, n := range slices.Sorted(maps.Keys(w.disk.segments)) {
		for _, r := range w.disk.segments[n] {
			if err := e.Replay(r.at, r.text[:r.head]); err != nil {
				return err
			}
		}
	}
	if err := e.Recovered(0, w.disk.exists); err != nil {
		return err
	}
	w.disk.Set(slices.Collect(maps.Keys(w.disk.segments)), e.Weigh())
	w.e = e
	w.again++
	for _, d := range w.made {
		d.q = e.ByNumber(d.number)
		d.Messages = d.q.Messages
		d.Messages.Configure(d.seen, d.set) // what no attribute says
	}
	return nil
}

// durable is one queue.
type durable struct {
	engine.Messages
	w      *world
	number uint32
	q      *engine.Queue
	set    engine.Settings
	seen   engine.Time // the latest
}

// see notes the time, which only rises.
func (d *durable) see(now engine.Time) engine.Time {
	d.seen = max(d.seen, now)
	return now
}

func (d *durable) Configure(now engine.Time, s engine.Settings) {
	d.see(now)
	if d.q == nil {
		d.q = d.w.create(now, fmt.Sprint("queue-", d.number), s)
		d.Messages = d.q.Messages
	}
	d.set = s
	d.Messages.Configure(now, s)
	d.q.Config.Delay, d.q.Config.Retention, d.q.Config.GroupScope = s.Delay, s.Retention, s.GroupScope
	d.w.e.Untag(now, d.q, nil) // writes how the queue is set
}

// create makes a queue with what counts from the beginning.
func (w *world) create(now engine.Time, name string, s engine.Settings) *engine.Queue {
	var attributes map[string]string
	if s.FIFO {
		name += ".fifo"
		attributes = map[string]string{"FifoQueue": "true", "DeduplicationScope": "queue"}
		if s.GroupScope {
			attributes["DeduplicationScope"] = "messageGroup"
		}
	}
	q, err := w.e.Create(now, engine.Name{Account: "0", Region: "r", Queue: name}, attributes, nil)
	if err != nil {
		panic(err)
	}
	return q
}

func (d *durable) Send(now engine.Time, m *engine.Message) engine.Sent {
	return d.Messages.Send(d.see(now), m)
}

func (d *durable) Receive(now engine.Time, r engine.Receive, dead engine.Messages, out *engine.Batch) bool {
	from := len(out.Deliveries)
	if x, ok := dead.(*durable); ok {
		dead = x.Messages
		defer func(before uint64) {
			if x.Arrivals() > before {
				x.see(now)
			}
		}(x.Arrivals())
	}
	over := d.Messages.Receive(d.see(now), r, dead, out)
	d.fill(out, from)
	return over
}

// fill reads the contents.
func (d *durable) fill(out *engine.Batch, from int) {
	for i := from; i < len(out.Deliveries); i++ {
		x := &out.Deliveries[i]
		if !out.Fill(i, d.w.disk.read(x.Home)) {
			panic(fmt.Sprintf("no message stands at %+v", x.Home))
		}
		if o, ok := d.w.origins[x.Origin]; ok {
			x.Origin = o
		}
		if source, ok := d.w.sources[x.Source]; ok {
			x.Source = source
		}
	}
}

// Take is followed by the record that the message is gone: nothing takes messages from
// a queue on disk that way but this test.
func (d *durable) Take(now engine.Time, out *engine.Batch) bool {
	from := len(out.Deliveries)
	ok := d.Messages.Take(d.see(now), out)
	d.fill(out, from)
	if ok {
		const opGone = 5
		x := out.Deliveries[from]
		b := binary.AppendUvarint([]byte{opGone}, uint64(d.number))
		b = binary.AppendVarint(b, d.seen)
		b = binary.AppendUvarint(b, 1)
		b = binary.AppendUvarint(b, x.Handle.Seq)
		b = binary.AppendUvarint(b, uint64(x.Home.Segment))
		at := d.w.disk.Append(engine.KindDelete, b, len(b))
		d.w.disk.Bind(at.Segment, x.Home.Segment, 10)
	}
	return ok
}

func (d *durable) Peek(now engine.Time) (uint32, bool) {
	source, ok := d.Messages.Peek(d.see(now))
	if s, known := d.w.sources[source]; known {
		source = s
	}
	return source, ok
}

// Arrive lets a message come from another queue, as on disk it does: sent there,
// received there, and given up.
func (d *durable) Arrive(now engine.Time, m *engine.Moved) uint64 {
	d.see(now)
	d.w.outside++
	q := d.w.create(m.Sent, fmt.Sprint("outside-", d.w.outside), d.set)
	s := engine.Settings{FIFO: d.set.FIFO, Retention: 14 * 24 * time.Hour, MaxReceives: m.Receives, MaxInFlight: 10}
	q.Messages.Configure(m.Sent, s)
	message := m.Message
	message.Delay = 0
	q.Messages.Send(m.Sent, &message)
	var b engine.Batch
	for range m.Receives {
		q.Messages.Receive(m.First, engine.Receive{Max: 1}, nil, &b)
	}
	q.Messages.Receive(now, engine.Receive{Max: 1}, d.Messages, &b)
	d.w.origins[engine.Origin{Queue: q.Number, Seq: 1}] = m.Origin
	d.w.sources[q.Number] = m.Source
	d.w.e.Delete(now, q)
	return d.Messages.Arrivals()
}

func (d *durable) Delete(now engine.Time, h engine.Handle) engine.Verdict {
	return d.Messages.Delete(d.see(now), h)
}

func (d *durable) ChangeVisibility(now engine.Time, h engine.Handle, t time.Duration) engine.Verdict {
	return d.Messages.ChangeVisibility(d.see(now), h, t)
}

func (d *durable) Release(now engine.Time, h engine.Handle) bool {
	return d.Messages.Release(d.see(now), h)
}

// Purge is the engine's, which writes it.
func (d *durable) Purge(now engine.Time) {
	d.w.e.Relaxed = true
	if err := d.w.e.Purge(d.see(now), d.q); err != nil {
		panic(err)
	}
}

func (d *durable) NeedsDead(now engine.Time) bool { return d.Messages.NeedsDead(d.see(now)) }

func (d *durable) Counts(now engine.Time) engine.Counts { return d.Messages.Counts(d.see(now)) }

func (d *durable) Next(now engine.Time) engine.Time { return d.Messages.Next(d.see(now)) }

func (d *durable) Oldest(now engine.Time) engine.Time { return d.Messages.Oldest(d.see(now)) }

// Check comes after each step: sometimes the last queue's is a recovery.
func (d *durable) Check() error {
	w := d.w
	if err := d.Messages.Check(); err != nil {
		return err
	}
	if d != w.made[len(w.made)-1] || !d.set.FIFO && !w.flat || w.random.IntN(15) > 0 {
		return nil
	}
	if err := w.recover(); err != nil {
		return fmt.Errorf("recovery: %w", err)
	}
	for _, d := range w.made {
		if err := d.Messages.Check(); err != nil {
			return fmt.Errorf("after recovery: %w", err)
		}
	}
	return nil
}

// flattened has no tenants where the world has none.
type flattened struct {
	engine.Messages
	w    *world
	fifo bool
}

func (f *flattened) Configure(now engine.Time, s engine.Settings) {
	f.fifo = s.FIFO
	f.Messages.Configure(now, s)
}

func (f *flattened) Send(now engine.Time, m *engine.Message) engine.Sent {
	plain := *m
	if f.w.flat && !f.fifo {
		plain.Group = ""
	}
	return f.Messages.Send(now, &plain)
}

func (f *flattened) Arrive(now engine.Time, m *engine.Moved) uint64 {
	plain := *m
	if f.w.flat && !f.fifo {
		plain.Group = ""
	}
	return f.Messages.Arrive(now, &plain)
}

func (f *flattened) Receive(now engine.Time, r engine.Receive, dead engine.Messages, out *engine.Batch) bool {
	if x, ok := dead.(*flattened); ok {
		dead = x.Messages
	}
	return f.Messages.Receive(now, r, dead, out)
}

// pair makes both implementations for one script.
func pair(seed uint64) (a, b model.New, w *world) {
	w = newWorld(seed)
	flat := func(m engine.Messages) engine.Messages { return &flattened{Messages: m, w: w} }
	return func(queue uint32) engine.Messages { return flat(naive.New(queue)) },
		func(queue uint32) engine.Messages { return flat(w.messages(queue)) }, w
}

// TestDurable is TestEngine with contents on disk and recoveries in between. After one,
// standard queues have no tenants.
func TestDurable(t *testing.T) {
	t.Parallel()
	recoveries := 0
	for seed := uint64(1); seed <= 150; seed++ {
		a, b, w := pair(seed)
		script := model.Script(seed, 300)
		if err := model.Diff(script, a, b); err != nil {
			lines := strings.Split(err.Error(), "\n")
			t.Fatalf("seed %d, after %d recoveries:\n%s", seed, w.again, strings.Join(lines[max(0, len(lines)-60):], "\n"))
		}
		recoveries += w.again
	}
	t.Logf("%d recoveries", recoveries)
	if recoveries < 1000 {
		t.Error("there were too few of them")
	}
}

func FuzzDurable(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, model.Script(seed, 60))
	}
	f.Fuzz(func(t *testing.T, seed uint64, script []byte) {
		a, b, _ := pair(seed)
		if err := model.Diff(script, a, b); err != nil {
			t.Fatal(err)
		}
	})
}
