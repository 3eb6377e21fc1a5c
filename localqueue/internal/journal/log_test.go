package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

func TestReopen(t *testing.T) {
	t.Parallel()
	d := disk()
	var want []entry
	for round := range 5 {
		l, got, report := mustOpen(t, d, small)
		if !slices.EqualFunc(got, want, equal) {
			t.Fatalf("round %d: recovered %v, want %v", round, got, want)
		}
		if report.Cut != nil || report.Records != uint64(len(want)) {
			t.Fatalf("round %d: report %+v of %d records", round, report, len(want))
		}
		for i := range 60 {
			m := []journal.Mode{journal.Synced, journal.Written, journal.Synced | journal.Reserve}[i%3]
			want = append(want, mustAppend(t, l, numbered(len(want)), m))
		}
		mustClose(t, l)
	}
	if n := want[len(want)-1].pos.Segment; n < 10 {
		t.Fatalf("all in %d segments: this tests too little", n)
	}
}

func TestEmptyAndLongestBody(t *testing.T) {
	t.Parallel()
	d := disk()
	l, _, _ := mustOpen(t, d, small)
	longest := int(small.SegmentSize) - segmentHeader - recordHeader - 2*endSize
	want := [][]byte{{}, bytes.Repeat([]byte{7}, longest), {}, {1}}
	for _, b := range want {
		mustAppend(t, l, b, journal.Synced)
	}
	if _, _, err := add(l, make([]byte, longest+1), journal.Synced); !errors.Is(err, journal.ErrTooLong) {
		t.Fatalf("a body too long: %v", err)
	}
	mustClose(t, l)
	_, got, _ := mustOpen(t, d, small)
	if !slices.EqualFunc(got, want, func(e entry, b []byte) bool { return bytes.Equal(e.body, b) }) {
		t.Fatalf("recovered %v", got)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	l, _, _ := mustOpen(t, disk(), small)
	defer mustClose(t, l)
	var all []entry
	for i := range 100 {
		all = append(all, mustAppend(t, l, numbered(i), journal.Synced))
	}
	for name, pick := range map[string]func(i int) bool{
		"all":     func(int) bool { return true },
		"every 7": func(i int) bool { return i%7 == 0 },
		"one":     func(i int) bool { return i == 42 },
		"none":    func(int) bool { return false },
	} {
		var spans []journal.Span
		var want []entry
		for i, e := range all {
			if pick(i) {
				spans, want = append(spans, e.span()), append(want, e)
			}
		}
		for range 2 { // in order, then in reverse
			n := 0
			_, err := l.Read(nil, spans, func(i int, body []byte) error {
				if i != n || !bytes.Equal(body, want[i].body) {
					return fmt.Errorf("body %d of span %d: %x, want %x", n, i, body, want[i].body)
				}
				n++
				return nil
			})
			if err != nil || n != len(want) {
				t.Errorf("%s: %d of %d bodies, %v", name, n, len(want), err)
			}
			slices.Reverse(spans)
			slices.Reverse(want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	d := disk()
	l, _, _ := mustOpen(t, d, small)
	defer mustClose(t, l)
	e := mustAppend(t, l, numbered(3), journal.Synced)
	s := e.span()
	for name, span := range map[string]journal.Span{
		"wrong length":    {Pos: s.Pos, Length: s.Length - 1},
		"wrong offset":    {Pos: journal.Pos{Segment: s.Pos.Segment, Offset: s.Pos.Offset + 1}, Length: s.Length},
		"beyond the end":  {Pos: journal.Pos{Segment: s.Pos.Segment, Offset: 1 << 30}, Length: 8},
		"length overflow": {Pos: s.Pos, Length: 1<<32 - 1},
		"end of a group":  {Pos: journal.Pos{Segment: s.Pos.Segment, Offset: s.Pos.Offset + 16 + s.Length}, Length: 28},
	} {
		_, err := l.Read(nil, []journal.Span{span}, func(int, []byte) error { return nil })
		if damage := (*journal.DamageError)(nil); !errors.As(err, &damage) {
			t.Errorf("%s: %v, want damage", name, err)
		}
	}
	_, err := l.Read(nil, []journal.Span{{Pos: journal.Pos{Segment: 99}}}, func(int, []byte) error { return nil })
	if !errors.Is(err, journal.ErrDropped) {
		t.Errorf("unknown segment: %v", err)
	}
}

func TestDropAndRecycle(t *testing.T) {
	t.Parallel()
	d := disk()
	o := small
	o.Spares = 2
	l, _, _ := mustOpen(t, d, o)
	h := newHistory()
	for last := uint32(0); last < 40; {
		if err := h.step(l, 3, journal.Synced); err != nil {
			t.Fatal(err)
		}
		if now := h.places[len(h.places)-1].pos.Segment; now > last {
			if last > 0 {
				if err := h.drop(l, last); err != nil {
					t.Fatal(err)
				}
				if err := l.Drop(last); !errors.Is(err, journal.ErrDropped) {
					t.Fatalf("dropped twice: %v", err)
				}
			}
			last = now
		}
	}
	current := h.places[len(h.places)-1].pos.Segment
	if err := l.Drop(current); err == nil {
		t.Fatal("the segment that is written to was dropped")
	}
	_, err := l.Read(nil, []journal.Span{h.places[0].span()}, func(int, []byte) error { return nil })
	if !errors.Is(err, journal.ErrDropped) {
		t.Fatalf("read of what was dropped: %v", err)
	}
	mustClose(t, l)
	if files := d.Files(); len(files) > 9 { // in use, 3 ready, 2 spare, 1 more at the most, 2 manifests
		t.Fatalf("files left: %v", files)
	}
	l, got, _ := mustOpen(t, d, o)
	defer mustClose(t, l)
	if err := h.check(got); err != nil {
		t.Fatal(err)
	}
	for _, e := range got {
		if e.pos.Segment != current {
			t.Fatalf("%v came back", e.pos)
		}
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	l, _, _ := mustOpen(t, disk(), small)
	_, ticket, err := add(l, []byte("last"), journal.Synced)
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, l)
	if err := l.Wait(ticket); err != nil {
		t.Errorf("Close left a record unwritten: %v", err)
	}
	if _, _, err := add(l, nil, journal.Synced); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("append: %v", err)
	}
	if err := l.Sync(); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("sync: %v", err)
	}
	mustClose(t, l)
}

func TestReplayError(t *testing.T) {
	t.Parallel()
	d := disk()
	l, _, _ := mustOpen(t, d, small)
	mustAppend(t, l, []byte("x"), journal.Synced)
	mustClose(t, l)
	enough := errors.New("enough")
	_, _, err := journal.Open(d, small, func(journal.Entry) error { return enough })
	if !errors.Is(err, enough) {
		t.Fatalf("open: %v", err)
	}
}

// TestReplayedRefuses: whoever finds that what was replayed is not all ends Open, and nothing
// was changed: neither a tail that is cut off nor a manifest.
func TestReplayedRefuses(t *testing.T) {
	t.Parallel()
	base, h, last, _ := sound(t)
	base.Put("00000099.new", []byte("left by a crash"))
	b := base.Bytes(name(last.Segment))
	b[last.Offset+30] ^= 1 // the last group is lost
	base.Put(name(last.Segment), b)
	taken := base.Clone()
	taken.Remove("manifest.0")
	taken.Remove("manifest.1")
	taken.Put("manifest.0", nil)
	for what, d := range map[string]*journaltest.Disk{"as it was": base, "without a manifest": taken} {
		before := files(d)
		d.Before(func(_ int, op journaltest.Op, n string) error {
			t.Errorf("%s: %s %s", what, op, n)
			return nil
		})
		enough := errors.New("enough")
		o := small
		o.Replayed = func() error { return enough }
		_, _, r, err := reopen(d, o)
		if !errors.Is(err, enough) {
			t.Fatalf("%s: open: %v", what, err)
		}
		if int(r.Records) != len(h.places)-1 || len(r.Segments) != int(last.Segment) || r.Cut == nil {
			t.Errorf("%s: found %+v", what, r)
		}
		d.Before(nil)
		if !maps.EqualFunc(before, files(d), bytes.Equal) {
			t.Errorf("%s: something was changed", what)
		}
		l, got, _ := mustOpen(t, d, small)
		if len(got) != len(h.places)-1 {
			t.Errorf("%s: %d records", what, len(got))
		}
		mustClose(t, l)
	}
}

func TestOptionsRefused(t *testing.T) {
	t.Parallel()
	for _, o := range []journal.Options{
		{SegmentSize: 1}, {SegmentSize: 2 << 30}, {Sync: journal.Interval(-2)},
	} {
		if _, _, _, err := reopen(disk(), o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

func TestOtherSegmentSize(t *testing.T) {
	t.Parallel()
	d := disk()
	h := newHistory()
	for i, size := range []int64{2 << 10, 8 << 10, 1 << 10, 4 << 10} {
		l, got, _ := mustOpen(t, d, journal.Options{SegmentSize: size})
		if err := h.check(got); err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		for range 40 {
			if err := h.step(l, 2, journal.Synced); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.drop(l, h.places[i*30].pos.Segment); err != nil && !errors.Is(err, journal.ErrDropped) {
			t.Fatal(err)
		}
		mustClose(t, l)
	}
}
