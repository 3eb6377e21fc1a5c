package engine

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// dump is the logical state of a store, the same for two that cannot be told
// apart by any later call, whatever their slots and blocks.
func (s *store) dump() string {
	var rows []string
	s.each(func(id uint32, m *slot) {
		group := ""
		if m.group != 0 {
			group = string(s.groups.name(m.group))
		}
		due := m.due
		if m.state == visible && !s.set.FIFO {
			due = 0 // means nothing there
		}
		rows = append(rows, fmt.Sprintf("%08d sent %d due %d state %d receives %d first %d flags %d group %q blob %q md5 %x moved %v",
			m.seq, m.sent, due, m.state, m.receives, m.firstReceive(), m.flags&(flagChanged|flagMoved), group, s.bodies.get(m.where), m.md5, s.moved[m.seq]))
	})
	for id := 1; id < len(s.groups.all); id++ {
		if s.groups.all[id].messages > 0 && !s.set.FIFO {
			g := s.groups.tenants[id]
			share := g.share
			share.roll(s.now)
			rows = append(rows, fmt.Sprintf("tenant %q noisy %v last %d %+v", s.groups.name(uint32(id)), g.noisy, g.lastSend, share))
		}
	}
	for _, a := range s.attempts.queue {
		if s.attempts.byID[a.id] == a {
			row := fmt.Sprintf("attempt %q at %d:", a.id, a.at)
			for _, h := range a.taken {
				row += fmt.Sprintf(" %d#%d at %d", h.Seq, h.Receive, h.At)
			}
			rows = append(rows, row)
		}
	}
	slices.Sort(rows)
	for _, e := range s.dedup.queue {
		rows = append(rows, fmt.Sprintf("accepted %d at %d", e.seq, e.at))
	}
	return fmt.Sprintf("queue %d seq %d counts %+v spent %d settings %+v scope %v at %d\n%s",
		s.number, s.seq, s.counts, s.spent, s.set, s.dedup.group, s.scopeAt, strings.Join(rows, "\n"))
}

// run is an engine with some queues under random use, and its records.
type run struct {
	t       *testing.T
	e       *Engine
	queues  []*Queue
	records [][]byte
	handles []Handle
	now     Time
	rnd     *rand.Rand
}

func newRun(t *testing.T, seed uint64) *run {
	r := &run{t: t, rnd: rand.New(rand.NewPCG(seed, 7)), now: 1e18}
	r.e = New([16]byte{1}, NewMessages, 50)
	r.e.SetLog(func(b []byte) { r.records = append(r.records, slices.Clone(b)) })
	for _, n := range []string{"dead", "plain", "self", "dead.fifo", "work.fifo"} {
		attributes := map[string]string{"VisibilityTimeout": "30"}
		if strings.HasSuffix(n, ".fifo") {
			attributes["FifoQueue"] = "true"
		}
		r.create(n, attributes)
	}
	r.redrive(1, 0, 2)
	r.redrive(2, 2, 1)
	r.redrive(4, 3, 2)
	return r
}

func (r *run) name(n string) Name { return Name{"000000000000", "us-east-1", n} }

func (r *run) create(n string, attributes map[string]string) {
	q, err := r.e.Create(r.now, r.name(n), attributes, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	r.queues = append(r.queues, q)
}

func (r *run) redrive(from, to, count int) {
	policy := fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, r.queues[to].Name.ARN(), count)
	if err := r.e.SetAttributes(r.now, r.queues[from], map[string]string{"RedrivePolicy": policy}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *run) pick(s ...string) string { return s[r.rnd.IntN(len(s))] }

func (r *run) step() {
	r.now += []int64{0, 1, 1e9, 30e9 - 1, 30e9, 300e9, 3600e9}[min(r.rnd.IntN(30), 6)] * int64(r.rnd.IntN(2))
	q := r.queues[r.rnd.IntN(len(r.queues))]
	var dead Messages
	if q.Config.Redrive != nil {
		dead = r.e.Lookup(q.Config.Redrive.Target).Messages
	}
	switch r.rnd.IntN(12) {
	case 0, 1, 2:
		for range 1 + r.rnd.IntN(12) {
			r.send(q)
		}
	case 3, 4, 5, 6:
		in := Receive{Max: 1 + r.rnd.IntN(10), Visibility: time.Duration(r.rnd.IntN(3)) * 30 * time.Second}
		if q.Config.FIFO {
			in.Attempt = r.pick("", "", "x", "y")
		}
		var b Batch
		q.Messages.Receive(r.now, in, dead, &b)
		for _, d := range b.Deliveries {
			r.handles = append(r.handles, d.Handle)
		}
	case 7, 8, 9:
		r.settle()
	case 10:
		r.control(q)
	case 11:
		r.moveTask(q)
	}
}

func (r *run) send(q *Queue) {
	m := Message{Blob: fmt.Appendf(nil, "body %d", r.rnd.Uint64()), Delay: -1}
	m.Group = r.pick("a", "b", "c")
	if q.Config.FIFO {
		m.Dedup = r.pick("1", "2", "3", "4", "5") + r.pick("1", "2", "3")
	} else {
		m.Group = r.pick("", "a", "b")
		m.Delay = time.Duration(r.rnd.IntN(3)-1) * 20 * time.Second
	}
	q.Messages.Send(r.now, &m)
}

func (r *run) settle() {
	for range 5 {
		if len(r.handles) == 0 {
			return
		}
		h := r.handles[r.rnd.IntN(len(r.handles))]
		q := r.queues[h.Queue-1]
		switch r.rnd.IntN(7) {
		case 0, 1, 2, 3:
			q.Messages.Delete(r.now, h)
		case 4:
			q.Messages.Release(r.now, h)
		default:
			q.Messages.ChangeVisibility(r.now, h, time.Duration(r.rnd.IntN(3))*40*time.Second)
		}
	}
}

func (r *run) control(q *Queue) {
	switch r.rnd.IntN(6) {
	case 0:
		_ = r.e.Purge(r.now, q) // refused within 60 s, which is fine
	case 1:
		_ = r.e.Tag(r.now, q, map[string]string{r.pick("k", "l"): r.pick("v", "w")})
	case 2:
		r.set(q, "DelaySeconds", r.pick("0", "10", "100"))
	case 3:
		r.set(q, "MessageRetentionPeriod", r.pick("60", "600", "86400"))
	case 4:
		if q.Config.FIFO {
			r.set(q, "DeduplicationScope", r.pick("queue", "messageGroup"))
		}
	case 5:
		if err := r.e.AddPermission(r.now, q, fmt.Sprint("l", r.now), []string{"123456789012"}, []string{"SendMessage"}); err == nil {
			_ = r.e.RemovePermission(r.now, q, fmt.Sprint("l", r.now))
		}
	}
}

func (r *run) set(q *Queue, name, value string) {
	if err := r.e.SetAttributes(r.now, q, map[string]string{name: value}); err != nil {
		r.t.Fatalf("set %s of %s to %s: %v", name, q.Name.Queue, value, err)
	}
}

func (r *run) moveTask(q *Queue) {
	if _, err := r.e.StartTask(r.now, q, MoveRequest{}); err != nil {
		return
	}
	for range 4 {
		n, ok := r.e.TaskTarget(r.now, q)
		if !ok {
			return
		}
		r.e.StepTask(r.now, q, r.e.Lookup(n))
	}
	if t := q.running(); t != nil && r.rnd.IntN(2) == 0 {
		if _, err := r.e.CancelTask(r.now, q, t.ID); err != nil {
			r.t.Fatal(err)
		}
	}
}

func stateOf(e *Engine, now Time) string {
	var b strings.Builder
	for _, q := range e.numbered {
		s := q.Messages.(*store)
		s.advance(now)
		text, _ := json.Marshal(q.control())
		fmt.Fprintf(&b, "%s\n%s\n", text, s.dump())
	}
	return b.String()
}

// TestReplay is the law that recovery rests on: the records of any run,
// replayed into a fresh engine, give an equal state.
func TestReplay(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := newRun(t, seed)
		for range 300 {
			r.step()
		}
		fresh := New([16]byte{1}, NewMessages, 50)
		for i, b := range r.records {
			if err := fresh.Replay(b); err != nil {
				t.Fatalf("seed %d: record %d of %d: %v", seed, i, len(r.records), err)
			}
		}
		want, got := stateOf(r.e, r.now), stateOf(fresh, r.now)
		if want != got {
			t.Fatalf("seed %d: after %d records the states differ\n%s", seed, len(r.records), firstDifference(want, got))
		}
		for name, e := range map[string]*Engine{"live": r.e, "replayed": fresh} {
			if err := e.Check(); err != nil {
				t.Fatalf("seed %d: %s: %v", seed, name, err)
			}
		}
	}
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return fmt.Sprintf("live:     %s\nreplayed: %s", a[i], strings.Join(b[i:min(i+1, len(b))], ""))
		}
	}
	return "replayed state is longer"
}

// TestReplayDamaged feeds records cut short: an error, or a state that passes
// Check, but never a panic. (That a record is as it was written is for the
// checksum of whoever keeps it to say.)
func TestReplayDamaged(t *testing.T) {
	t.Parallel()
	r := newRun(t, 1)
	for range 60 {
		r.step()
	}
	refused := 0
	for at, record := range r.records[:min(60, len(r.records))] {
		for cut := range record {
			fresh := New([16]byte{1}, NewMessages, 50)
			for _, b := range r.records[:at] {
				if err := fresh.Replay(b); err != nil {
					t.Fatal(err)
				}
			}
			if err := fresh.Replay(record[:cut]); err != nil {
				refused++
			} else if err := fresh.Check(); err != nil || cut < 3 {
				t.Fatalf("record %d cut to %d bytes was taken, and then %v", at, cut, err)
			}
		}
	}
	if refused == 0 {
		t.Error("no record was refused")
	}
}

// TestRecovered goes on after a replay: handles of before are good, memory of
// what replay restored shrinks as messages go, and Options of now are in force.
func TestRecovered(t *testing.T) {
	t.Parallel()
	r := newRun(t, 3)
	for range 100 {
		r.step()
	}
	fresh := New([16]byte{1}, NewMessages, 7)
	for _, b := range r.records {
		if err := fresh.Replay(b); err != nil {
			t.Fatal(err)
		}
	}
	fresh.Recovered()
	for _, h := range r.handles {
		h.Slot = 12345 // slots are other ones after a restart
		live, recovered := r.queues[h.Queue-1].Messages, fresh.numbered[h.Queue-1].Messages
		if want, got := live.Delete(r.now, h), recovered.Delete(r.now, h); want == Done && got != Done {
			t.Errorf("delete of %+v after recovery: %d, live %d", h, got, want)
		}
	}
	for _, q := range fresh.numbered {
		s := q.Messages.(*store)
		before := len(s.restored)
		for range 100 {
			s.Send(r.now, &Message{Blob: []byte("x"), Group: "g", Delay: -1})
		}
		if s.set.MaxInFlight != 7 || len(s.restored) > before {
			t.Errorf("queue %d: %d in flight at most, want 7; restored grew from %d to %d", q.Number, s.set.MaxInFlight, before, len(s.restored))
		}
	}
	if err := fresh.Check(); err != nil {
		t.Error(err)
	}
}
