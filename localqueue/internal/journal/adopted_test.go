package journal_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// TestAdopted: a crash comes when a segment has its name and is not in the manifest yet.
// Open takes it on, and what is written to it survives the next crash, too.
func TestAdopted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		live, h := disk(), newHistory()
		o := journal.Options{SegmentSize: 16 << 10}
		var left *journaltest.Disk
		live.Before(func(_ int, op journaltest.Op, n string) error {
			if op == journaltest.Write && strings.HasPrefix(n, "manifest.") && live.Clone().Bytes(name(1)) != nil && left == nil {
				left = live.Clone().Crash(1)
			}
			return nil
		})
		l, _, _ := mustOpen(t, live, o)
		synctest.Wait()
		mustClose(t, l)
		if left == nil || left.Bytes(name(1)) == nil || left.Bytes(name(2)) != nil {
			t.Fatalf("left with %v", left.Files())
		}
		left.Limit(0) // no other segment is made
		l, _, _ = mustOpen(t, left, o)
		synctest.Wait()
		if err := h.step(l, 1, journal.Synced|journal.Reserve); err != nil {
			t.Fatal(err)
		}
		left.Limit(-1)
		for seed := range uint64(8) {
			if _, err := goOn(left.Kill().Crash(seed), o, h.copy(), 40); err != nil {
				t.Errorf("crash %d: %v", seed, err)
			}
		}
		mustClose(t, l)
	})
}

// dropping is the log of closed as it is before each call that takes segment 2 away, until
// it is closed.
func dropping(t *testing.T) (states []*journaltest.Disk, h *history) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var d *journaltest.Disk
		d, h, _, _ = sound(t)
		l, got, _ := mustOpen(t, d, small)
		h.resume(got)
		synctest.Wait()
		d.Before(func(int, journaltest.Op, string) error {
			states = append(states, d.Clone())
			return nil
		})
		if err := h.drop(l, 2); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		mustClose(t, l)
		d.Before(nil)
		states = append(states, d)
	})
	return states, h
}

// TestFilesOfDroppedSegments: a crash leaves files that are leaving. They are put away,
// whatever stands in them.
func TestFilesOfDroppedSegments(t *testing.T) {
	t.Parallel()
	states, h := dropping(t)
	old, _, _, _ := sound(t)
	b := old.Bytes(name(2))
	b[20] ^= 1
	tried := 0
	for i, base := range states {
		if !slices.Contains(leaving(t, base), 2) || base.Bytes(name(2)) == nil {
			continue
		}
		tried++
		for what, b := range map[string][]byte{"zeros": make([]byte, 2048), "nothing": nil, "damaged": b} {
			d := base.Clone()
			d.Put(name(2), b)
			left, err := goOn(d, small, h.copy(), 0)
			if err != nil {
				t.Fatalf("state %d, %s: %v", i, what, err)
			}
			if left.Crash(0).Bytes(name(2)) != nil {
				t.Errorf("state %d, %s: the file is still there", i, what)
			}
			if list := leaving(t, d); len(list) > 0 {
				t.Errorf("state %d, %s: closed, and %v are leaving", i, what, list)
			}
		}
	}
	if tried == 0 {
		t.Error("the file never was leaving")
	}
}

// leaving is what the newer manifest says of that.
func leaving(t *testing.T, d *journaltest.Disk) (list []uint32) {
	t.Helper()
	newest := uint64(0)
	for _, n := range []string{"manifest.0", "manifest.1"} {
		b := d.Bytes(n)
		_, _, _, l, err := journal.ParseManifest(b)
		if g := binary.LittleEndian.Uint64(b[16:]); err == nil && g > newest {
			newest, list = g, l
		}
	}
	return list
}

// TestDropInterrupted crashes wherever a segment is dropped, goes on, and crashes again: what
// lost its name, and what has it again, is dropped, or is there as before; and it is not
// said to be leaving for ever.
func TestDropInterrupted(t *testing.T) {
	t.Parallel()
	states, h := dropping(t)
	for n, e := range h.places {
		if e.pos.Segment == 2 {
			h.gone[n] = false // in the first states it is there
		}
	}
	var had, lost, brought, forgot int
	for i, base := range states {
		for seed := range uint64(24) {
			d := base.Crash(seed)
			switch there, was := d.Bytes(name(2)) != nil, base.Bytes(name(2)) != nil; {
			case there && was:
				had++
			case there:
				brought++
			default:
				lost++
			}
			known := h.copy()
			gone := d.Bytes(name(2)) == nil
			opened, err := goOn(d.Clone(), small, known.copy(), 0)
			if err == nil && gone && len(leaving(t, opened)) > 0 {
				t.Errorf("state %d, crash %d: what is not there is leaving", i, seed)
			}
			for again := range uint64(3) {
				if d, err = goOn(d, small, known, 2); err != nil {
					t.Fatalf("state %d, crash %d and %d: %v", i, seed, again, err)
				}
				d = d.Crash(seed + again)
			}
			l, _, _ := mustOpen(t, d, small)
			mustClose(t, l)
			if len(leaving(t, d)) == 0 {
				forgot++
			}
		}
	}
	if had == 0 || lost == 0 || brought == 0 || forgot != 24*len(states) {
		t.Errorf("it had its name %d times, had lost it %d times, and had it again %d times; of %d, %d were leaving no more", had, lost, brought, 24*len(states), forgot)
	}
}

// TestDropHalfDone: one of two dropped segments has lost its name, though not for good, and the
// other cannot, when the manifest is written again. A crash brings the first one back.
func TestDropHalfDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, h, _, _ := sound(t)
		l, got, _ := mustOpen(t, d, small)
		h.resume(got)
		for range 10 {
			if err := h.step(l, 2, journal.Synced); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		d.Before(func(_ int, op journaltest.Op, n string) error {
			if n == name(3) && (op == journaltest.Remove || op == journaltest.Rename) {
				return syscall.ENOSPC
			}
			return nil
		})
		if err := l.Drop(2, 3); err != nil {
			t.Fatal(err)
		}
		for n, e := range h.places {
			if e.pos.Segment == 2 || e.pos.Segment == 3 {
				h.gone[n] = true
			}
		}
		synctest.Wait()
		if err := h.drop(l, 4); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		brought := 0
		for seed := range uint64(16) {
			left := d.Kill().Crash(seed)
			if left.Bytes(name(2)) != nil && d.Bytes(name(2)) == nil {
				brought++
			}
			if _, err := goOn(left, small, h.copy(), 5); err != nil {
				t.Fatalf("crash %d: %v", seed, err)
			}
		}
		if brought == 0 {
			t.Error("no crash brought a name back")
		}
		d.Before(nil)
		mustClose(t, l)
		if _, err := goOn(d, small, h, 5); err != nil {
			t.Fatal(err)
		}
	})
}

// TestDropBesideNewborn: a segment has its name and cannot be opened when another is
// dropped, so that the manifest is written without it. It is no stranger after a crash.
func TestDropBesideNewborn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, h, _, _ := sound(t)
		l, got, _ := mustOpen(t, d, small)
		h.resume(got)
		synctest.Wait()
		newest := func() string {
			return slices.Max(slices.DeleteFunc(d.Files(), func(n string) bool { return !strings.HasSuffix(n, ".log") }))
		}
		last := newest()
		d.Opening(func(n string) error {
			if strings.HasSuffix(n, ".log") {
				return syscall.EMFILE
			}
			return nil
		})
		for newest() == last {
			if err := h.step(l, 1, journal.Synced|journal.Reserve); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if err := h.drop(l, 2); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for seed := range uint64(16) {
			for what, left := range map[string]*journaltest.Disk{"killed": d.Kill(), "power fails": d.Kill().Crash(seed)} {
				if _, err := goOn(left, small, h.copy(), 20); err != nil {
					t.Fatalf("%s, %d: %v", what, seed, err)
				}
			}
		}
		mustClose(t, l)
		d.Opening(nil)
		if _, err := goOn(d, small, h, 20); err != nil {
			t.Fatalf("closed: %v", err)
		}
	})
}

// TestSmallSegmentsGo: segments too small for what may come leave the manifest before they
// lose their names.
func TestSmallSegmentsGo(t *testing.T) {
	t.Parallel()
	d, h, _, _ := sound(t)
	large := journal.Options{SegmentSize: 4 << 10}
	d.Before(func(call int, op journaltest.Op, n string) error {
		for seed := range uint64(4) {
			if _, err := goOn(d.Clone().Crash(seed), large, h.copy(), 20); err != nil && !t.Failed() {
				t.Errorf("before call %d (%s %s), crash %d: %v", call, op, n, seed, err)
			}
		}
		return nil
	})
	l, got, _ := mustOpen(t, d, large)
	if err := h.check(got); err != nil {
		t.Fatal(err)
	}
	d.Before(nil)
	mustClose(t, l)
}
