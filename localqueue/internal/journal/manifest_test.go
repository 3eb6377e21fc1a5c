package journal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// TestEveryBitOfTheManifest flips each byte of one and cuts each off everywhere: the other
// one is taken, and nothing is lost; both together are refused.
func TestEveryBitOfTheManifest(t *testing.T) {
	t.Parallel()
	base, h := closed(t)
	for slot, n := range []string{"manifest.0", "manifest.1"} {
		file := base.Bytes(n)
		length := int(binary.LittleEndian.Uint32(file[12:]))
		for at := range length {
			for what, damage := range map[string]func(b []byte) []byte{
				"bit":   func(b []byte) []byte { b[at] ^= 1 << (at % 8); return b },
				"zeros": func(b []byte) []byte { clear(b[at:]); return b },
				"short": func(b []byte) []byte { return b[:at] },
			} {
				b := damage(slices.Clone(file))
				if at < len(b) && bytes.Equal(b[:length], file[:length]) {
					continue
				}
				d := base.Clone()
				d.Put(n, b)
				if _, err := goOn(d, small, h.copy(), 12); err != nil {
					t.Fatalf("%s, %s at %d: %v", n, what, at, err)
				}
				if slot == 0 && len(b) > 0 {
					d := base.Clone()
					d.Put(n, b)
					d.Put("manifest.1", b)
					checkRefused(t, d, fmt.Sprintf("both, %s at %d", what, at), "manifest.0", "not what was written")
				}
			}
		}
	}
}

// TestFlippedBitWhileItRan: the newest manifest of a log that was killed may be the only
// one that tells of a segment. If it is damaged, Open refuses, or loses nothing.
func TestFlippedBitWhileItRan(t *testing.T) {
	t.Parallel()
	base, h, _, _ := sound(t)
	l, got, _ := mustOpen(t, base, small)
	h.resume(got)
	for range 40 {
		if err := h.step(l, 1, journal.Synced); err != nil {
			t.Fatal(err)
		}
		if h.acked%9 == 0 {
			if err := h.drop(l, l.Segments()[0].Number); err != nil {
				t.Fatal(err)
			}
		}
		d := base.Kill()
		for _, n := range []string{"manifest.0", "manifest.1"} {
			for at := range 52 {
				c, b := d.Clone(), d.Bytes(n)
				b[at] ^= 1 << (at % 8)
				c.Put(n, b)
				if _, err := goOn(c, small, h.copy(), 1); err != nil && !errors.As(err, new(*journal.DamageError)) {
					t.Fatalf("%s, byte %d: %v", n, at, err)
				}
			}
		}
	}
	mustClose(t, l)
}

// TestTakeWhatIsThere: an empty manifest.0 says on purpose that the segments that are there
// are the log. What was dropped and is still there would come back, so nobody does this
// for fun.
func TestTakeWhatIsThere(t *testing.T) {
	t.Parallel()
	base, h := closed(t)
	lost := h.copy()
	for n, e := range h.places {
		if e.pos.Segment == 3 {
			lost.gone[n] = false
		}
	}
	take := func(d *journaltest.Disk) {
		d.Remove("manifest.0")
		d.Remove("manifest.1")
		d.Put("manifest.0", nil)
	}
	d := base.Clone()
	d.Remove(name(3))
	take(d)
	d.Before(func(call int, op journaltest.Op, n string) error {
		for seed := range uint64(3) {
			if _, err := goOn(d.Clone().Crash(seed), small, lost.copy(), 20); err != nil && !t.Failed() {
				t.Errorf("before call %d (%s %s), crash %d: %v", call, op, n, seed, err)
			}
		}
		return nil
	})
	l, got, _ := mustOpen(t, d, small)
	d.Before(nil)
	if err := lost.check(got); err != nil {
		t.Fatal(err)
	}
	lost.resume(got)
	if err := lost.step(l, 2, journal.Synced); err != nil {
		t.Fatal(err)
	}
	mustClose(t, l)
	if _, err := goOn(d, small, lost, 5); err != nil {
		t.Fatal(err)
	}
	d = base.Clone()
	take(d)
	d.Put(name(3), rewritten(t).Bytes(name(3)))
	checkRefused(t, d, "of two logs", name(3), "another log")
	d = disk()
	d.Put("manifest.0", nil)
	l, _, _ = mustOpen(t, d, small)
	mustAppend(t, l, []byte("a new log"), journal.Synced)
	mustClose(t, l)
}

// TestManifestOfAnotherVersion is refused by name, not taken for damage.
func TestManifestOfAnotherVersion(t *testing.T) {
	t.Parallel()
	d, _ := closed(t)
	b := d.Bytes("manifest.1")
	length := binary.LittleEndian.Uint32(b[12:])
	b[8] = 9
	binary.LittleEndian.PutUint32(b[length-4:], crc32.Checksum(b[:length-4], crc32.MakeTable(crc32.Castagnoli)))
	d.Put("manifest.1", b)
	if _, _, _, err := reopen(d, small); err == nil || !strings.Contains(err.Error(), "manifest.1: the layout has version 9") {
		t.Fatalf("open: %v", err)
	}
}

// TestManifestLayout: what is written is read again, whatever the segments.
func TestManifestLayout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ segments, leaving []uint32 }{
		{nil, nil}, {[]uint32{1}, nil}, {nil, []uint32{1}}, {[]uint32{7, 8}, []uint32{2, 9}}, {[]uint32{3, 4, 1000}, []uint32{1, 5, 999}},
		{[]uint32{1, 90_000}, []uint32{2}}, {[]uint32{7}, []uint32{1, 90_000}},
	} {
		next := slices.Max(slices.Concat(c.segments, c.leaving, []uint32{5})) + 3
		b := journal.Manifest(9, 77, 1<<40, next, c.segments, c.leaving)
		if len(b)%512 != 0 {
			t.Errorf("%d bytes", len(b))
		}
		synced, got, segments, leaving, err := journal.ParseManifest(append(b, 1, 2, 3))
		if err != nil || synced != 1<<40 || got != next || !slices.Equal(segments, c.segments) || !slices.Equal(leaving, c.leaving) {
			t.Errorf("%v: %d, %d, %v, %v, %v", c, synced, got, segments, leaving, err)
		}
		for at := range b {
			if _, _, _, _, err := journal.ParseManifest(b[:at]); err == nil && at < len(b)-512 {
				t.Fatalf("%v: %d of %d bytes are taken for a whole one", c, at, len(b))
			}
		}
	}
}

// TestManifestContradicts: none is taken that says two things of a segment, or tells of one
// that was never made.
func TestManifestContradicts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ segments, leaving []uint32 }{
		{[]uint32{3}, []uint32{3}}, {[]uint32{3, 9}, nil}, {[]uint32{3}, []uint32{9}}, {[]uint32{0, 3}, nil}, {nil, []uint32{0}},
	} {
		if _, _, _, _, err := journal.ParseManifest(journal.Manifest(9, 77, 1, 9, c.segments, c.leaving)); err == nil {
			t.Errorf("%v is taken", c)
		}
	}
}

// FuzzManifest reads any bytes as both manifests of a sound log: Open refuses, or recovers
// what is there.
func FuzzManifest(f *testing.F) {
	base, h := closed(f)
	f.Add(base.Bytes("manifest.0"), base.Bytes("manifest.1"), false)
	f.Add(base.Bytes("manifest.1"), base.Bytes("manifest.0"), true)
	f.Add([]byte{}, base.Bytes("manifest.1"), true)
	f.Add(base.Bytes("manifest.0"), base.Bytes("manifest.1")[:64], true) // other bitmaps
	f.Fuzz(func(t *testing.T, first, second []byte, seal bool) {
		d := base.Clone()
		for slot, b := range [][]byte{first, second} {
			if length := len(b); seal && length >= 52 { // with a checksum that is right
				b = slices.Clone(b)
				binary.LittleEndian.PutUint32(b[12:], uint32(length))
				binary.LittleEndian.PutUint32(b[length-4:], crc32.Checksum(b[:length-4], crc32.MakeTable(crc32.Castagnoli)))
			}
			d.Put(fmt.Sprint("manifest.", slot), b)
		}
		_, _ = journal.Look(d, true, func(journal.Entry) error { return nil })
		l, got, _, err := reopen(d, small)
		if err != nil {
			return
		}
		defer l.Close()
		last := -1
		for _, e := range got {
			if n, err := h.number(e.body); err != nil || n <= last {
				t.Fatalf("body %d after %d: %v", n, last, err)
			} else {
				last = n
			}
		}
	})
}
