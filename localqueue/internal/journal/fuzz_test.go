package journal_test

import (
	"bytes"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// FuzzRecovery damages a log at one place of one segment with any bytes: Open may
// refuse, but if it does not, what it recovers is what was written, and nothing that
// stood before the damage is missing.
func FuzzRecovery(f *testing.F) {
	d, h, last, whole := sound(f)
	f.Add(uint8(last.Segment), uint16(last.Offset), []byte{1})
	f.Add(uint8(last.Segment), uint16(whole), []byte("quayside"))
	f.Add(uint8(1), uint16(0), []byte{})
	f.Add(uint8(2), uint16(8), []byte{2, 0, 0, 0, 2, 0, 0, 0})
	f.Add(uint8(1), uint16(2048-48), []byte{9, 0, 0, 0})          // a trailer
	f.Add(uint8(2), uint16(2048-60), bytes.Repeat([]byte{0}, 60)) // and an end of the entries
	f.Add(uint8(2), uint16(40), []byte{2, 0, 0, 0, 1, 255, 255, 255})
	f.Fuzz(func(t *testing.T, segment uint8, at uint16, data []byte) {
		c := d.Clone()
		damage(c, name(1+uint32(segment)%(last.Segment+1)), int(at), data)
		whereabouts := journal.Pos{Segment: 1 + uint32(segment)%(last.Segment+1), Offset: uint32(at)}
		l, got, _, err := reopen(c, small)
		if err != nil {
			return
		}
		defer l.Close()
		known := h.copy()
		known.acked = 0
		if err := known.check(got); err != nil {
			t.Fatal(err)
		}
		for n, e := range h.places {
			end := e.pos.Offset + recordHeader + uint32(len(e.body)) + 4*200 // of its group, at the most
			before := e.pos.Segment < whereabouts.Segment || e.pos.Segment == whereabouts.Segment && end <= whereabouts.Offset
			if before && n >= len(got) {
				t.Fatalf("body %d at %v stood before the damage at %v, but only %d were recovered", n, e.pos, whereabouts, len(got))
			}
		}
		past := int(at) + len(data)
		if len(data) == 0 {
			past = 1 << 20 // to the end of the file
		}
		spared := whereabouts.Segment != last.Segment || past <= int(last.Offset)
		if spared && len(got) < len(h.places) {
			t.Fatalf("%d of %d bodies, with the last group as it was", len(got), len(h.places))
		}
	})
}

// damage overwrites a file with data at an offset, or ends it there if there is none.
func damage(d *journaltest.Disk, name string, at int, data []byte) {
	b := d.Bytes(name)
	at = min(at, len(b))
	if len(data) == 0 {
		d.Put(name, b[:at])
		return
	}
	copy(b[at:], data)
	d.Put(name, b)
}

// FuzzSegment opens any bytes as the first segment, which is taken without a manifest.
func FuzzSegment(f *testing.F) {
	d, _, _, _ := sound(f)
	f.Add(d.Bytes(name(1)))
	f.Add(d.Bytes(name(1))[:segmentHeader+1])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		d := disk()
		d.Put(name(1), data)
		d.Put("manifest.0", nil)
		l, first, _, err := reopen(d, small)
		if err != nil {
			return
		}
		mustClose(t, l)
		l, again, report, err := reopen(d, small)
		if err != nil || len(again) != len(first) {
			t.Fatalf("%d records, then %d (%v, %v)", len(first), len(again), report.Cut, err)
		}
		mustClose(t, l)
	})
}

// FuzzFooter reads any bytes as a footer whose checksums are right: it is sound only if
// its records can stand in the segment, one behind the other.
func FuzzFooter(f *testing.F) {
	f.Add([]byte{0, 9, 3, 1, 2, 3, 48, 0, 0}, uint32(2), uint32(200))
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0}, uint32(1), uint32(1<<31))
	f.Fuzz(func(t *testing.T, b []byte, count, end uint32) {
		var last journal.Entry
		sound := journal.ReadFooter(b, count, end, func(e journal.Entry) error {
			if e.Pos.Offset < segmentHeader || e.Pos.Offset < last.Pos.Offset || int(e.Length) < len(e.Head) || uint64(e.Pos.Offset)+recordHeader+uint64(e.Length) > uint64(end) {
				t.Fatalf("%+v in a segment that ends at %d, after %+v", e, end, last)
			}
			last = e
			return nil
		})
		if sound && len(b) < 3*int(count) {
			t.Fatalf("%d entries in %d bytes", count, len(b))
		}
	})
}
