package journal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

const (
	segmentHeader = 40
	recordHeader  = 20
	endSize       = recordHeader + 28
)

// TestRecordOfAnEarlierAttempt: a crash leaves a record without the end of its group,
// another one the end of the next attempt at that group without its record. They do
// not make a group together.
func TestRecordOfAnEarlierAttempt(t *testing.T) {
	t.Parallel()
	base, _, last, whole := sound(t)
	var files [2][]byte
	var at journal.Pos
	for i, body := range []string{"first attempt", "other attempt"} {
		d := base.Clone()
		l, _, _ := mustOpen(t, d, small)
		at = mustAppend(t, l, []byte(body), journal.Synced).pos
		files[i] = d.Bytes(name(at.Segment))
		mustClose(t, l)
	}
	if at.Segment != last.Segment || at.Offset != whole {
		t.Fatalf("appended at %v", at)
	}
	end := at.Offset + recordHeader + uint32(len("first attempt"))
	copy(files[1][at.Offset:end], files[0][at.Offset:end])
	base.Put(name(at.Segment), files[1])
	l, got, report := mustOpen(t, base, small)
	defer mustClose(t, l)
	if e := got[len(got)-1]; e.pos == at || report.Cut == nil {
		t.Fatalf("recovered %q at %v, cut %v", e.body, e.pos, report.Cut)
	}
}

// TestDamageAfterClose: Close tells that everything is on the disk, so that nothing
// excuses damage; doing so again and again does not make the log longer.
func TestDamageAfterClose(t *testing.T) {
	t.Parallel()
	d, h, last, whole := sound(t)
	var first journal.Report
	for i := range 50 {
		l, got, report := mustOpen(t, d, small)
		if i == 1 {
			first = report
		}
		if err := h.check(got); err != nil || i > 0 && !reflect.DeepEqual(report, first) {
			t.Fatalf("%v, report %+v, the first one %+v", err, report, first)
		}
		mustClose(t, l)
	}
	file := d.Bytes(name(last.Segment))
	for at := last.Offset; at < whole; at++ {
		b := slices.Clone(file)
		b[at] ^= 1
		d.Put(name(last.Segment), b)
		_, _, _, err := reopen(d, small)
		if damage := (*journal.DamageError)(nil); !errors.As(err, &damage) {
			t.Fatalf("byte %d: %v, want damage", at, err)
		}
	}
}

// TestForgedEnd: a body that looks like the end of a later group is not taken for one
// when the record around it is damaged.
func TestForgedEnd(t *testing.T) {
	t.Parallel()
	d, h, last, _ := sound(t)
	l, _, _ := mustOpen(t, d, small)
	e := mustAppend(t, l, journal.ForgedEnd(last.Segment), journal.Synced)
	d = d.Kill() // without what Close adds
	mustClose(t, l)
	if e.pos.Segment != last.Segment {
		t.Fatalf("appended at %v", e.pos)
	}
	b := d.Bytes(name(last.Segment))
	b[e.pos.Offset] ^= 1
	d.Put(name(last.Segment), b)
	l, got, report := mustOpen(t, d, small)
	defer mustClose(t, l)
	if err := h.check(got); err != nil || report.Cut == nil || report.Cut.Pos != e.pos {
		t.Fatalf("%v, cut %v", err, report.Cut)
	}
}

// sound is a log of several segments, each group of which was synced before the next
// was written; last is where its last group begins and whole its end.
func sound(t testing.TB) (d *journaltest.Disk, h *history, last journal.Pos, whole uint32) {
	d, h = disk(), newHistory()
	l, _, _ := mustOpen(t, d, small)
	for i := range 28 {
		if err := h.step(l, 1+i%3, journal.Synced); err != nil {
			t.Fatal(err)
		}
	}
	d = d.Kill() // without what Close adds
	mustClose(t, l)
	first := h.places[len(h.places)-1] // the last step appended one
	if p := first.pos; p.Segment < 3 || p.Offset < 200 || len(first.body) < 20 {
		t.Fatalf("the last group begins at %v: not what these tests are for", p)
	}
	return d, h, first.pos, first.pos.Offset + recordHeader + uint32(len(first.body)) + endSize
}

func name(segment uint32) string { return journal.SegmentName(segment) }

// TestEveryByteOfTheLastGroup cuts and damages the last group at every byte: it is
// gone then, and nothing else.
func TestEveryByteOfTheLastGroup(t *testing.T) {
	t.Parallel()
	d, h, last, whole := sound(t)
	file := d.Bytes(name(last.Segment))
	before := h.copy()
	before.attempted--
	before.acked--
	for at := last.Offset; at < whole; at++ {
		for what, damage := range map[string]func(b []byte){
			"zeros":     func(b []byte) { clear(b) },
			"ones":      func(b []byte) { copy(b, bytes.Repeat([]byte{0xff}, int(whole-at))) },
			"lost byte": func(b []byte) { b[0] = 0 },
			"bit 0":     func(b []byte) { b[0] ^= 1 },
			"bit 7":     func(b []byte) { b[0] ^= 0x80 },
		} {
			b := slices.Clone(file)
			damage(b[at:])
			if bytes.Equal(b, file) {
				continue
			}
			c := d.Clone()
			c.Put(name(last.Segment), b)
			checkCut(t, c, before, what, at, last)
		}
		c := d.Clone() // no crash ends a file: segments are whole before they have their names
		c.Put(name(last.Segment), file[:at])
		checkRefused(t, c, fmt.Sprintf("file ends at %d", at), name(last.Segment), "the file ends here")
	}
}

// checkCut opens a log whose last group is damaged, twice, and writes to it.
func checkCut(t *testing.T, d *journaltest.Disk, h *history, what string, at uint32, last journal.Pos) {
	t.Helper()
	l, got, report, err := reopen(d, small)
	if err != nil {
		t.Fatalf("%s at %d: %v", what, at, err)
	}
	if err := h.check(got); err != nil {
		t.Fatalf("%s at %d: %v", what, at, err)
	}
	if report.Cut == nil && at > last.Offset+recordHeader {
		t.Fatalf("%s at %d: no cut reported", what, at)
	}
	if report.Cut != nil && report.Cut.Pos != last {
		t.Fatalf("%s at %d: cut at %v, want %v", what, at, report.Cut.Pos, last)
	}
	if e := mustAppend(t, l, []byte("next"), journal.Synced); e.pos != last {
		t.Fatalf("%s at %d: goes on at %v, want %v", what, at, e.pos, last)
	}
	mustClose(t, l)
	l, again, _ := mustOpen(t, d, small)
	defer mustClose(t, l)
	if len(again) != len(got)+1 || string(again[len(got)].body) != "next" {
		t.Fatalf("%s at %d: %d records after %d and one more", what, at, len(again), len(got))
	}
}

// TestDamageInTheMiddle flips a bit of every byte before the last group: Open refuses,
// says where, and changes nothing; or it does not need that byte, because of a footer,
// or it is a record's, which shows when that is read. Looking at everything finds it.
func TestDamageInTheMiddle(t *testing.T) {
	t.Parallel()
	d, h, last, _ := sound(t)
	used := map[uint32]uint32{} // where the last record of a segment ends
	for _, e := range h.places {
		used[e.pos.Segment] = e.pos.Offset + recordHeader + uint32(len(e.body)) + endSize
	}
	used[last.Segment] = last.Offset
	silent := 0
	defer func() { t.Logf("%d bytes were not needed", silent) }()
	for segment, end := range used {
		for at := range end {
			c := d.Clone()
			b := c.Bytes(name(segment))
			b[at] ^= 1 << (at % 8)
			c.Put(name(segment), b)
			near := func(e *journal.DamageError) bool {
				return e.Pos.Segment == segment && e.Pos.Offset <= at && e.Pos.Offset+300 >= at && e.Reason != ""
			}
			report, err := journal.Look(c, true, func(journal.Entry) error { return nil })
			if err != nil || report.Damage == nil || !near(report.Damage) {
				t.Fatalf("segment %d, byte %d: found %v, %v", segment, at, report.Damage, err)
			}
			l, got, _, err := reopen(c, small)
			if err == nil {
				silent++
				if err := h.check(got); err != nil {
					t.Fatalf("segment %d, byte %d: %v", segment, at, err)
				}
				mustClose(t, l)
				continue
			}
			damage := (*journal.DamageError)(nil)
			if !errors.As(err, &damage) {
				t.Fatalf("segment %d, byte %d: %v, want damage", segment, at, err)
			}
			if !near(damage) {
				t.Fatalf("segment %d, byte %d: said to be at %v", segment, at, damage)
			}
			if strings.Contains(err.Error(), "open journal") && !bytes.Equal(c.Bytes(name(segment)), b) {
				t.Fatalf("segment %d, byte %d: Open changed a damaged log", segment, at)
			}
		}
	}
}

func TestMissingBytesInTheMiddle(t *testing.T) {
	t.Parallel()
	d, _, last, _ := sound(t)
	for what, damage := range map[string]func(d *journaltest.Disk){
		"short file": func(d *journaltest.Disk) { d.Put(name(2), d.Bytes(name(2))[:700]) },
		"empty file": func(d *journaltest.Disk) { d.Put(name(2), nil) },
		"zeros":      func(d *journaltest.Disk) { b := d.Bytes(name(2)); clear(b[segmentHeader:]); d.Put(name(2), b) },
		"file of another segment": func(d *journaltest.Disk) {
			d.Put(name(2), d.Bytes(name(1)))
		},
		"segment of another log": func(d *journaltest.Disk) {
			other := disk()
			l, _, _ := mustOpen(t, other, small)
			for range 100 {
				mustAppend(t, l, []byte("more groups of less"), journal.Synced)
			}
			mustClose(t, l)
			d.Put(name(2), other.Bytes(name(2)))
		},
		"whole group gone from the end": func(d *journaltest.Disk) {
			b := d.Bytes(name(last.Segment - 1))
			i := bytes.LastIndex(b, []byte{byte(last.Segment - 1), 0, 0, 0, 3, 28, 0, 0})
			clear(b[i-4:])
			d.Put(name(last.Segment-1), b)
		},
	} {
		c := d.Clone()
		damage(c)
		_, _, _, err := reopen(c, small)
		if e := (*journal.DamageError)(nil); !errors.As(err, &e) {
			t.Errorf("%s: %v, want damage", what, err)
		} else {
			t.Logf("%s: %v", what, err)
		}
	}
}

func TestOtherVersion(t *testing.T) {
	t.Parallel()
	d, _, _, _ := sound(t)
	b := d.Bytes(name(1))
	b[8] = 9
	binary.LittleEndian.PutUint32(b[36:], crc32.Checksum(b[:36], crc32.MakeTable(crc32.Castagnoli)))
	d.Put(name(1), b)
	_, _, _, err := reopen(d, small)
	if err == nil || !strings.Contains(err.Error(), "version 9") {
		t.Fatalf("open: %v", err)
	}
}

func TestForeignFilesStay(t *testing.T) {
	t.Parallel()
	d := disk()
	for _, n := range []string{"README", "1.log", "0000000g.log", "00000000.log", "lock"} {
		d.Put(n, []byte("mine"))
	}
	d.Put("00000007.new", []byte("half a segment"))
	d.Put("00000008.old", []byte("of another size"))
	l, _, _ := mustOpen(t, d, small)
	mustAppend(t, l, []byte("x"), journal.Synced)
	mustClose(t, l)
	for _, n := range []string{"README", "1.log", "0000000g.log", "00000000.log", "lock"} {
		if string(d.Bytes(n)) != "mine" {
			t.Errorf("%s is %q", n, d.Bytes(n))
		}
	}
	for _, n := range []string{"00000007.new", "00000008.old"} {
		if d.Bytes(n) != nil {
			t.Errorf("%s is still there", n)
		}
	}
}
