package journal_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// small makes many segments of little work.
var small = journal.Options{SegmentSize: 2 << 10}

// entry is a record as a test remembers it.
type entry struct {
	pos  journal.Pos
	body []byte
}

func (e entry) span() journal.Span { return journal.Span{Pos: e.pos, Length: uint32(len(e.body))} }

// numbered is body n of a history: its number and some bytes that follow from it.
func numbered(n int) []byte { return version(n, 0) }

// version is body n as it was written the v-th time: each is as long as the others,
// so that one can stand in another's place.
func version(n, v int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(n))
	for i := range (n*37)%150 + 1 {
		b = append(b, byte(n*7+i+v))
	}
	return b
}

// number finds body among those of h.
func (h *history) number(body []byte) (int, error) {
	if len(body) < 8 {
		return 0, fmt.Errorf("body of %d bytes", len(body))
	}
	n := binary.LittleEndian.Uint64(body)
	if n >= uint64(len(h.places)) {
		return 0, fmt.Errorf("body %x was never appended", body)
	}
	if want := h.places[n].body; !bytes.Equal(body, want) {
		return 0, fmt.Errorf("body %d is %x, want %x", n, body, want)
	}
	return int(n), nil
}

// reopen opens the log on d and returns what it replays.
func reopen(d journal.Dir, o journal.Options) (*journal.Log, []entry, journal.Report, error) {
	var got []entry
	l, r, err := journal.Open(d, o, func(p journal.Pos, body []byte) error {
		got = append(got, entry{p, bytes.Clone(body)})
		return nil
	})
	return l, got, r, err
}

func mustOpen(t testing.TB, d journal.Dir, o journal.Options) (*journal.Log, []entry, journal.Report) {
	t.Helper()
	l, got, r, err := reopen(d, o)
	if err != nil {
		t.Fatal(err)
	}
	return l, got, r
}

func mustClose(t testing.TB, l *journal.Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

// mustAppend appends and waits.
func mustAppend(t testing.TB, l *journal.Log, body []byte, m journal.Mode) entry {
	t.Helper()
	p, ticket, err := l.Append(journal.Checked(body), m)
	if err == nil {
		err = l.Wait(ticket)
	}
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	return entry{p, body}
}

// history is what a workload knows of its own doings.
type history struct {
	mu        sync.Mutex
	attempted int          // bodies 0 to attempted-1 may have been appended
	acked     int          // bodies 0 to acked-1 must be there
	gone      map[int]bool // but those, which were dropped: they may be there or not
	places    []entry      // of the attempted ones
	version   int          // of what is appended now
}

func newHistory() *history { return &history{gone: map[int]bool{}} }

// copy may be taken at any time.
func (h *history) copy() *history {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := &history{attempted: h.attempted, acked: h.acked, gone: map[int]bool{}, places: slices.Clone(h.places), version: h.version}
	for n := range h.gone {
		c.gone[n] = true
	}
	return c
}

func (h *history) set(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
}

// check says what is wrong with what was recovered: it must be all bodies from the
// first on, in order, at least up to the last acknowledged one.
func (h *history) check(got []entry) error {
	next := 0
	for _, e := range got {
		n, err := h.number(e.body)
		if err != nil {
			return err
		}
		for ; next < n; next++ {
			if !h.gone[next] {
				return fmt.Errorf("body %d at %v, but body %d is missing", n, e.pos, next)
			}
		}
		if n != next {
			return fmt.Errorf("body %d at %v, want %d", n, e.pos, next)
		}
		next++
	}
	for ; next < h.acked; next++ {
		if !h.gone[next] {
			return fmt.Errorf("the last body is %d, but %d were acknowledged", next-1, h.acked)
		}
	}
	if next > h.attempted {
		return fmt.Errorf("%d bodies, but only %d were ever appended", next, h.attempted)
	}
	return nil
}

// step appends a few bodies and waits for the last.
func (h *history) step(l *journal.Log, count int, m journal.Mode) error {
	var last journal.Ticket
	for range count {
		n := h.attempted
		body := version(n, h.version)
		h.set(func() { h.attempted, h.places = n+1, append(h.places, entry{body: body}) })
		p, ticket, err := l.Append(journal.Checked(body), m)
		if err != nil {
			h.set(func() { h.attempted, h.places = n, h.places[:n] })
			return err
		}
		last = ticket
		h.set(func() { h.places[n].pos = p })
	}
	if err := l.Wait(last); err != nil {
		return err
	}
	if m&journal.Synced != 0 {
		h.set(func() { h.acked = h.attempted })
	}
	return nil
}

// drop drops a segment.
func (h *history) drop(l *journal.Log, segment uint32) error {
	h.set(func() {
		for n, e := range h.places {
			if e.pos.Segment == segment {
				h.gone[n] = true
			}
		}
	})
	return l.Drop(segment)
}

// resume makes the history of a log that was just opened go on from what was found.
func (h *history) resume(got []entry) {
	top := h.acked
	for _, e := range got {
		n, _ := h.number(e.body)
		top = max(top, n+1)
	}
	h.places = h.places[:top]
	maps.DeleteFunc(h.gone, func(n int, _ bool) bool { return n >= top }) // lost before it could be dropped
	h.attempted, h.acked = top, top
	h.version++
}

// disk is New; the name reads better.
func disk() *journaltest.Disk { return journaltest.New() }
