package journal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

const trailerSize = 48

// heads opens a log and returns what it replays, without reading more.
func heads(t *testing.T, d journal.Dir) (list []journal.Entry) {
	t.Helper()
	l, _, err := journal.Open(d, small, func(e journal.Entry) error {
		e.Head = bytes.Clone(e.Head)
		list = append(list, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, l)
	return list
}

// fromFooter reports whether any record of a segment with more than a head was replayed
// with its head only.
func fromFooter(list []journal.Entry, segment uint32) bool {
	return slices.ContainsFunc(list, func(e journal.Entry) bool {
		return e.Pos.Segment == segment && len(e.Head) < int(e.Length)
	})
}

// TestFooters: sealed segments are recovered from their footers, the others from their
// records; with a damaged footer, from the records, too.
func TestFooters(t *testing.T) {
	t.Parallel()
	d, h, last, _ := sound(t)
	list := heads(t, d.Clone())
	for n := uint32(1); n <= last.Segment; n++ {
		if got := fromFooter(list, n); got != (n < last.Segment) {
			t.Errorf("segment %d from its footer: %v", n, got)
		}
	}
	file := d.Bytes(name(2))
	length := int(binary.LittleEndian.Uint32(file[len(file)-trailerSize:]))
	if length == 0 || length > len(file)/5 {
		t.Fatalf("a footer of %d bytes", length)
	}
	for at := len(file) - trailerSize - length; at < len(file); at++ {
		c := d.Clone()
		b := slices.Clone(file)
		b[at] ^= 1 << (at % 8)
		c.Put(name(2), b)
		l, got, _ := mustOpen(t, c, small)
		if err := h.check(got); err != nil {
			t.Fatalf("byte %d: %v", at, err)
		}
		mustClose(t, l)
		if list := heads(t, c); fromFooter(list, 2) || !fromFooter(list, 1) {
			t.Fatalf("byte %d: taken from a damaged footer, or others not from theirs", at)
		}
	}
}

// TestFooterLeftOut: heads of which there are too many leave no footer, and the segment
// is used to its end.
func TestFooterLeftOut(t *testing.T) {
	t.Parallel()
	d := disk()
	l, _, _ := mustOpen(t, d, small)
	var want []entry
	for i := range 60 {
		b := numbered(i)
		want = append(want, mustAppendHead(t, l, b, len(b)))
	}
	for _, s := range l.Segments() {
		if s.Sealed && s.Used < s.Size-300 {
			t.Errorf("%d of %d bytes are used", s.Used, s.Size)
		}
	}
	mustClose(t, l)
	l, got, _ := mustOpen(t, d, small)
	defer mustClose(t, l)
	if !slices.EqualFunc(got, want, equal) {
		t.Fatalf("recovered %v, want %v", got, want)
	}
}

// sealing is a log as it is when a sealing group and its footer were written, and
// nothing else after them; the sealing group's first record is h's number first.
func sealing(t *testing.T) (d *journaltest.Disk, h *history, segment uint32, first int) {
	live := disk()
	h = newHistory()
	l, _, _ := mustOpen(t, live, small)
	defer mustClose(t, l)
	var before *history
	for d == nil || h.places[len(h.places)-1].pos.Segment < 4 {
		segment, first = 3, len(h.places)
		live.Before(func(_ int, op journaltest.Op, n string) error {
			if op == journaltest.Write && n == name(4) && first > 0 && h.places[first-1].pos.Segment == 3 && d == nil {
				d, before = live.Clone(), h.copy()
			}
			return nil
		})
		if err := h.step(l, 4, journal.Synced); err != nil {
			t.Fatal(err)
		}
	}
	live.Before(nil)
	before.attempted = h.attempted
	before.places = slices.Clone(h.places)
	return d, before, segment, first
}

// TestEveryByteOfTheSealing damages a sealing group, and the footer behind it, at every
// byte: the group is gone then, or nothing is, and the log goes on.
func TestEveryByteOfTheSealing(t *testing.T) {
	t.Parallel()
	d, h, segment, _ := sealing(t)
	file := d.Bytes(name(segment))
	mark := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, segment), 28<<8|3)
	seal := bytes.LastIndex(file, mark) - 4
	if seal < 500 {
		t.Fatalf("the sealing end stands at %d", seal)
	}
	for at := seal - 300; at < len(file); at++ {
		for what, damage := range map[string]func(b []byte) []byte{
			"bit":   func(b []byte) []byte { b[at] ^= 4; return b },
			"zeros": func(b []byte) []byte { clear(b[at:]); return b },
		} {
			c := d.Clone()
			c.Put(name(segment), damage(slices.Clone(file)))
			known := h.copy()
			known.acked = 0
			_, err := goOn(c, small, known, 12)
			if damage := (*journal.DamageError)(nil); errors.As(err, &damage) && damage.Pos.Segment == segment && at < seal {
				continue // of a group before the last
			}
			if err == nil && at >= seal+endSize && known.acked < h.acked {
				t.Fatalf("%s at %d: %d bodies, want %d", what, at, known.acked, h.acked)
			}
			if err == nil {
				_, err = goOn(c.Kill().Crash(uint64(at)), small, known, 3)
			}
			if err != nil {
				t.Fatalf("%s at %d of %d: %v", what, at, len(file), err)
			}
		}
	}
}

// TestFooterOfAnEarlierSealing: a crash leaves a footer without its sealing group. The
// segment is sealed anew, with a record that leaves out the footer but does not reach
// the old one: that must not stand for it.
func TestFooterOfAnEarlierSealing(t *testing.T) {
	t.Parallel()
	long := bytes.Repeat([]byte{7}, 1000)
	d := disk()
	l, _, _ := mustOpen(t, d, small)
	var sealed *journaltest.Disk
	for range 8 {
		mustAppend(t, l, bytes.Repeat([]byte{1}, 30), journal.Synced)
	}
	d.Before(func(_ int, op journaltest.Op, n string) error {
		if op == journaltest.Write && n == name(2) && sealed == nil {
			sealed = d.Clone()
		}
		return nil
	})
	mustAppend(t, l, long, journal.Synced) // does not fit the first segment
	mustClose(t, l)
	b := sealed.Bytes(name(1))
	end := bytes.LastIndex(b, []byte{1, 0, 0, 0, 3, 28, 0, 0})
	clear(b[end-4 : end])
	sealed.Put(name(1), b)
	for length := 250; length < 600; length += 10 {
		d := sealed.Clone()
		l, got, report := mustOpen(t, d, small)
		if n := len(report.Segments); n != 1 || report.Segments[0].Sealed {
			t.Fatal("the sealing group is still there")
		}
		body := bytes.Repeat([]byte{9}, length)
		got = append(got, mustAppendHead(t, l, body, length), mustAppend(t, l, long, journal.Synced), mustAppend(t, l, long, journal.Synced))
		if got[len(got)-3].pos.Segment != 1 || got[len(got)-1].pos.Segment != 3 {
			t.Fatalf("appended at %v", got)
		}
		mustClose(t, l)
		l, again, _ := mustOpen(t, d, small)
		if !slices.EqualFunc(got, again, equal) {
			t.Fatalf("%d bytes: recovered %d records, want %d", length, len(again), len(got))
		}
		mustClose(t, l)
	}
}

// TestUntrustedFooter: a footer is not taken while no later group says that the disk
// has its segment.
func TestUntrustedFooter(t *testing.T) {
	t.Parallel()
	d, _, segment, _ := sealing(t)
	list := heads(t, d)
	if fromFooter(list, segment) || !fromFooter(list, segment-1) {
		t.Fatal("the last sealed segment was taken from its footer, or the one before was not")
	}
}

// TestSmallSegmentsReady: those that an earlier Open made ready are not used when they
// are too small for what may come.
func TestSmallSegmentsReady(t *testing.T) {
	t.Parallel()
	d := disk()
	l, _, _ := mustOpen(t, d, small)
	mustAppend(t, l, []byte("small"), journal.Synced)
	mustClose(t, l)
	long := bytes.Repeat([]byte("long"), 1000)
	o := journal.Options{SegmentSize: 8 << 10}
	l, _, _ = mustOpen(t, d, o)
	mustAppend(t, l, long, journal.Synced)
	mustClose(t, l)
	l, got, report := mustOpen(t, d, o)
	defer mustClose(t, l)
	if report.Cut != nil || len(got) != 2 || !bytes.Equal(got[1].body, long) {
		t.Fatalf("recovered %d records, cut %v", len(got), report.Cut)
	}
	for _, n := range d.Files() {
		if strings.HasSuffix(n, ".log") && n != name(1) && len(d.Bytes(n)) != 8<<10 {
			t.Errorf("%s has %d bytes", n, len(d.Bytes(n)))
		}
	}
}
