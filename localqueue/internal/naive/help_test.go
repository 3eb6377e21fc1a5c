package naive

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// bench is a queue under test at an instant that the test moves on.
type bench struct {
	t    *testing.T
	q    engine.Messages
	dead engine.Messages
	now  engine.Time
	set  engine.Settings
	sent int
}

const day = 24 * time.Hour

func newBench(t *testing.T, change func(*engine.Settings)) *bench {
	t.Parallel()
	b := &bench{t: t, q: New(1), now: int64(1000 * time.Hour)}
	b.set = engine.Settings{Retention: 4 * day, MaxInFlight: 120000}
	b.configure(change)
	return b
}

func fifo(s *engine.Settings) { s.FIFO = true }

func (b *bench) configure(change func(*engine.Settings)) {
	if change != nil {
		change(&b.set)
	}
	b.q.Configure(b.now, b.set)
	b.check()
}

// sleep lets d pass.
func (b *bench) sleep(d time.Duration) { b.now += int64(d) }

func (b *bench) check() {
	b.t.Helper()
	if err := b.q.Check(); err != nil {
		b.t.Fatal(err)
	}
}

// send sends n messages of a group.
func (b *bench) send(n int, group string) {
	b.t.Helper()
	for range n {
		b.sent++
		b.q.Send(b.now, &engine.Message{Blob: fmt.Append(nil, b.sent), Group: group, Dedup: fmt.Sprint("unique", b.sent), Delay: -1})
	}
	b.check()
}

// receive wants the messages with these sequence numbers and returns their handles.
func (b *bench) receive(limit int, timeout time.Duration, want ...uint64) []engine.Handle {
	b.t.Helper()
	return b.attempt("", limit, timeout, want...)
}

func (b *bench) attempt(id string, limit int, timeout time.Duration, want ...uint64) []engine.Handle {
	b.t.Helper()
	var out engine.Batch
	if b.q.Receive(b.now, engine.Receive{Max: limit, Visibility: timeout, Attempt: id}, b.dead, &out) {
		b.t.Fatal("receive: over limit")
	}
	var handles []engine.Handle
	var got []uint64
	for _, d := range out.Deliveries {
		handles = append(handles, d.Handle)
		got = append(got, d.Handle.Seq)
	}
	if !slices.Equal(got, want) {
		b.t.Fatalf("received %v, want %v", got, want)
	}
	b.check()
	return handles
}

// drain receives n messages, whichever they are.
func (b *bench) drain(n int, timeout time.Duration) {
	b.t.Helper()
	var out engine.Batch
	b.q.Receive(b.now, engine.Receive{Max: n, Visibility: timeout}, b.dead, &out)
	if len(out.Deliveries) != n {
		b.t.Fatalf("received %d messages, want %d", len(out.Deliveries), n)
	}
	b.check()
}

func (b *bench) delete(h engine.Handle, want engine.Verdict) {
	b.t.Helper()
	if got := b.q.Delete(b.now, h); got != want {
		b.t.Fatalf("delete of %+v: verdict %d, want %d", h, got, want)
	}
	b.check()
}

func (b *bench) change(h engine.Handle, d time.Duration, want engine.Verdict) {
	b.t.Helper()
	if got := b.q.ChangeVisibility(b.now, h, d); got != want {
		b.t.Fatalf("change of %+v to %v: verdict %d, want %d", h, d, got, want)
	}
	b.check()
}

func (b *bench) counts(visible, inFlight, delayed int) {
	b.t.Helper()
	if got, want := b.q.Counts(b.now), (engine.Counts{Visible: visible, InFlight: inFlight, Delayed: delayed}); got != want {
		b.t.Fatalf("counts are %+v, want %+v", got, want)
	}
}

// next wants Next to be d from now; negative: never.
func (b *bench) next(d time.Duration) {
	b.t.Helper()
	want := b.now + int64(d)
	if d < 0 {
		want = engine.Never
	}
	if got := b.q.Next(b.now); got != want {
		b.t.Fatalf("next is %v from now, want %v", time.Duration(got-b.now), d)
	}
}
