package journal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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

func equal(a, b entry) bool { return a.pos == b.pos && bytes.Equal(a.body, b.body) }

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

// reopen opens the log on d and returns what it replays, all of which it reads.
func reopen(d journal.Dir, o journal.Options) (*journal.Log, []entry, journal.Report, error) {
	var got []journal.Entry
	l, r, err := journal.Open(d, o, func(e journal.Entry) error {
		e.Head = bytes.Clone(e.Head)
		got = append(got, e)
		return nil
	})
	if err != nil {
		return nil, nil, r, err
	}
	list, err := bodies(l, got)
	if err != nil {
		l.Close()
		return nil, nil, r, err
	}
	return l, list, r, nil
}

// bodies reads what entries tell of, and sees that they tell the truth.
func bodies(l *journal.Log, list []journal.Entry) ([]entry, error) {
	spans := make([]journal.Span, len(list))
	for i, e := range list {
		spans[i] = e.Span()
	}
	var got []entry
	_, err := l.Read(nil, spans, func(i int, body []byte) error {
		if head := list[i].Head; !bytes.HasPrefix(body, head) || len(head) < min(headSize, len(body)) {
			return fmt.Errorf("the head of %x at %v is %x", body, list[i].Pos, head)
		}
		got = append(got, entry{list[i].Pos, bytes.Clone(body)})
		return nil
	})
	return got, err
}

// headSize is how much of a body recovery is said to need.
const headSize = 12

func checked(body []byte) journal.Record { return journal.Checked(body, headSize) }

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
	p, ticket, err := add(l, body, m)
	if err == nil {
		err = l.Wait(ticket)
	}
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	return entry{p, body}
}

// mustAppendHead appends a record with a head of another length, and waits.
func mustAppendHead(t testing.TB, l *journal.Log, body []byte, head int) entry {
	t.Helper()
	room, err := l.Admit(int64(len(body)), journal.Ordinary)
	if err != nil {
		t.Fatalf("admit: %v", err)
	}
	defer room.Release()
	p, ticket, err := l.Append(journal.Checked(body, head), journal.Synced)
	if err == nil {
		err = l.Wait(ticket)
	}
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	return entry{p, body}
}

// add appends what it was given room for; with Reserve all room there is may be taken.
func add(l *journal.Log, body []byte, m journal.Mode) (journal.Pos, journal.Ticket, error) {
	purpose := journal.Ordinary
	if m&journal.Reserve != 0 {
		purpose = journal.Clearing
	}
	room, err := l.Admit(int64(len(body)), purpose)
	if err != nil {
		return journal.Pos{}, journal.Ticket{}, err
	}
	defer room.Release()
	p, ticket, err := l.Append(checked(body), m&^journal.Reserve)
	if errors.Is(err, journal.ErrFull) {
		err = fmt.Errorf("after Admit: %v", err)
	}
	return p, ticket, err
}

// history is what a workload knows of its own doings.
type history struct {
	order     sync.Mutex // held while a body is appended
	mu        sync.Mutex
	attempted int          // bodies 0 to attempted-1 may have been appended
	acked     int          // bodies 0 to acked-1 must be there
	gone      map[int]bool // but those, which were dropped; true: for good, false: they may be there or not
	places    []entry      // of the attempted ones
	version   int          // of what is appended now
	left      *journaltest.Disk
}

func newHistory() *history { return &history{gone: map[int]bool{}} }

// copy may be taken at any time.
func (h *history) copy() *history {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := &history{attempted: h.attempted, acked: h.acked, gone: map[int]bool{}, places: slices.Clone(h.places), version: h.version}
	maps.Copy(c.gone, h.gone)
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
		if h.gone[n] {
			return fmt.Errorf("body %d at %v was dropped for good", n, e.pos)
		}
		for ; next < n; next++ {
			if _, ok := h.gone[next]; !ok {
				return fmt.Errorf("body %d at %v, but body %d is missing", n, e.pos, next)
			}
		}
		if n != next {
			return fmt.Errorf("body %d at %v, want %d", n, e.pos, next)
		}
		next++
	}
	for ; next < h.acked; next++ {
		if _, ok := h.gone[next]; !ok {
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
	var (
		n      int
		pos    journal.Pos
		ticket journal.Ticket
		err    error
	)
	for range count {
		if n, pos, ticket, err = h.append(l, m); err != nil {
			return err
		}
	}
	if err := l.Wait(ticket); err != nil {
		return err
	}
	if m == journal.Written && n%2 == 1 { // as if somebody read it
		if err := l.Await(pos); err != nil {
			return err
		}
		m = journal.Synced
	}
	if m&journal.Synced != 0 {
		h.set(func() { h.acked = max(h.acked, n+1) })
	}
	return nil
}

// append appends the next body, and says which that was.
func (h *history) append(l *journal.Log, m journal.Mode) (n int, p journal.Pos, ticket journal.Ticket, err error) {
	h.order.Lock()
	defer h.order.Unlock()
	n = h.attempted
	body := version(n, h.version)
	h.set(func() { h.attempted, h.places = n+1, append(h.places, entry{body: body}) })
	p, ticket, err = add(l, body, m)
	h.set(func() {
		if err != nil {
			h.attempted, h.places = n, h.places[:n]
		} else {
			h.places[n].pos = p
		}
	})
	return n, p, ticket, err
}

// intrude appends in the middle of syncs, and waits there until that is written.
func (h *history) intrude(d *journaltest.Disk, l *journal.Log) {
	var turn atomic.Int64
	d.During(func(name string) {
		if !strings.HasSuffix(name, ".log") || turn.Add(1)%3 == 0 {
			return
		}
		if _, _, ticket, err := h.append(l, journal.Written); err == nil {
			_ = l.Wait(ticket) // whoever made it sync is told what is wrong
		}
	})
}

// drop drops a segment.
func (h *history) drop(l *journal.Log, segment uint32) error {
	mark := func(forGood bool) {
		for n, e := range h.places {
			if e.pos.Segment == segment {
				h.gone[n] = forGood || h.gone[n]
			}
		}
	}
	h.set(func() { mark(false) })
	err := l.Drop(segment)
	if err == nil {
		h.set(func() { mark(true) })
	}
	return err
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
