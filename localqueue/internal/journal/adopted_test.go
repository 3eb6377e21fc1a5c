package journal_test

import (
	"strings"
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

// TestFilesOfDroppedSegments: a crash leaves files that are not in the manifest any more.
// They are put away, whatever stands in them.
func TestFilesOfDroppedSegments(t *testing.T) {
	t.Parallel()
	base, h := closed(t)
	old, _, _, _ := sound(t)
	for what, b := range map[string][]byte{"zeros": make([]byte, 2048), "nothing": nil, "damaged": old.Bytes(name(2))} {
		d := base.Clone()
		if what == "damaged" {
			b[20] ^= 1
		}
		d.Put(name(2), b)
		d, err := goOn(d, small, h.copy(), 0)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if d.Crash(0).Bytes(name(2)) != nil {
			t.Errorf("%s: the file is still there", what)
		}
	}
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
