package journal_test

import (
	"bytes"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// checkRefused sees that a log is refused for damage to a file, and not changed, and that
// Inspect says the same.
func checkRefused(t *testing.T, d *journaltest.Disk, what, file, reason string) *journal.Report {
	t.Helper()
	before := files(d)
	seen, err := journal.Look(d, false, func(journal.Entry) error { return nil })
	if err != nil || seen.Damage == nil {
		t.Fatalf("%s: looked at: %v, %v", what, seen.Damage, err)
	}
	_, _, _, err = reopen(d, small)
	damage := (*journal.DamageError)(nil)
	if !errors.As(err, &damage) || damage.File != file || !strings.Contains(damage.Reason, reason) {
		t.Fatalf("%s: %v, want damage of %s: %s", what, err, file, reason)
	}
	if *damage != *seen.Damage {
		t.Fatalf("%s: Open says %v, Inspect %v", what, damage, seen.Damage)
	}
	if !maps.EqualFunc(before, files(d), bytes.Equal) {
		t.Fatalf("%s: a damaged log was changed", what)
	}
	return &seen
}

func files(d *journaltest.Disk) map[string][]byte {
	all := map[string][]byte{}
	for _, n := range d.Files() {
		all[n] = d.Bytes(n)
	}
	return all
}

// closed is the log of sound, written on and closed, with a segment of it dropped.
func closed(t testing.TB) (*journaltest.Disk, *history) {
	d, h, _, _ := grown(t)
	return d, h
}

// grown is closed, and what it was before: early, which ends in segment last.
func grown(t testing.TB) (d *journaltest.Disk, h *history, early *journaltest.Disk, last uint32) {
	d, h, at, _ := sound(t)
	early, last = d.Kill(), at.Segment
	l, _, _ := mustOpen(t, d, small)
	if err := h.drop(l, 2); err != nil {
		t.Fatal(err)
	}
	for range 40 {
		if err := h.step(l, 2, journal.Synced); err != nil {
			t.Fatal(err)
		}
	}
	if n := h.places[len(h.places)-1].pos.Segment; n < last+5 {
		t.Fatalf("the last segment is %d, after %d", n, last)
	}
	mustClose(t, l)
	return d, h, early, last
}

// rewritten is a log like that of closed, but another: its records are others.
func rewritten(t *testing.T) *journaltest.Disk {
	d := disk()
	l, _, _ := mustOpen(t, d, small)
	for range 300 {
		mustAppend(t, l, []byte("more groups of less"), journal.Synced)
	}
	mustClose(t, l)
	return d
}

// TestIncomplete: what is missing, or does not belong together, is found.
func TestIncomplete(t *testing.T) {
	t.Parallel()
	d, h, early, last := grown(t)
	end := h.places[len(h.places)-1].pos
	other := rewritten(t)
	for what, c := range map[string]struct {
		change func(d *journaltest.Disk)
		file   string
		reason string
	}{
		"the first segment is missing":    {func(d *journaltest.Disk) { d.Remove(name(1)) }, name(1), "missing"},
		"one in the middle is missing":    {func(d *journaltest.Disk) { d.Remove(name(3)) }, name(3), "remove manifest.0 and manifest.1"},
		"the last is missing":             {func(d *journaltest.Disk) { d.Remove(name(end.Segment)) }, name(end.Segment), "missing"},
		"one that stood ready is missing": {func(d *journaltest.Disk) { d.Remove(name(end.Segment + 1)) }, name(end.Segment + 1), "missing"},
		"all segments are missing": {func(d *journaltest.Disk) {
			for _, n := range d.Files() {
				if strings.HasSuffix(n, ".log") {
					d.Remove(n)
				}
			}
		}, name(1), "missing"},
		"a segment is short": {func(d *journaltest.Disk) { d.Put(name(3), d.Bytes(name(3))[:2047]) }, name(3), "the file ends here"},
		"one that stood ready is short": {func(d *journaltest.Disk) {
			n := name(end.Segment + 1)
			d.Put(n, d.Bytes(n)[:100])
		}, name(end.Segment + 1), "the file ends here"},
		"the end is zeros": {func(d *journaltest.Disk) {
			b := d.Bytes(name(end.Segment))
			clear(b[end.Offset:])
			d.Put(name(end.Segment), b)
		}, name(end.Segment), "was written when group"},
		"the last segments are as they were made": {func(d *journaltest.Disk) {
			for n := end.Segment - 1; n <= end.Segment; n++ {
				b := d.Bytes(name(n))
				clear(b[segmentHeader:])
				d.Put(name(n), b)
			}
		}, name(end.Segment - 1), "was written when group"},
		"an older copy over it": {func(d *journaltest.Disk) {
			for _, n := range early.Files() {
				if strings.HasSuffix(n, ".log") {
					d.Put(n, early.Bytes(n))
				}
			}
		}, "", ""},
		"an older copy, manifest and all": {func(d *journaltest.Disk) {
			for _, n := range early.Files() {
				d.Put(n, early.Bytes(n))
			}
		}, "", "the manifest does not know"},
		"an older last segment": {func(d *journaltest.Disk) {
			d.Put(name(last), early.Bytes(name(last)))
		}, name(last), ""},
		"a segment of another log":                 {func(d *journaltest.Disk) { d.Put(name(3), other.Bytes(name(3))) }, name(3), "another log"},
		"one of another log in place of a dropped": {func(d *journaltest.Disk) { d.Put(name(2), other.Bytes(name(2))) }, name(2), "take it away"},
		"a dropped one was put back":               {func(d *journaltest.Disk) { d.Put(name(2), early.Bytes(name(2))) }, name(2), "the manifest does not list it"},
		"a dropped one, and another is missing": {func(d *journaltest.Disk) {
			d.Put(name(2), early.Bytes(name(2)))
			d.Remove(name(3))
		}, name(2), "the manifest does not list it"},
		"a dropped one was put back, and nothing is in it": {func(d *journaltest.Disk) { d.Put(name(2), nil) }, name(2), "the manifest does not list it"},
		"one of another log behind all": {func(d *journaltest.Disk) {
			n := name(end.Segment + 3)
			d.Put(n, other.Bytes(n))
		}, name(end.Segment + 3), "another log"},
		"the manifest of another log": {func(d *journaltest.Disk) { d.Put("manifest.1", other.Bytes("manifest.1")) }, "", "mixed"},
		"no manifest": {func(d *journaltest.Disk) {
			d.Remove("manifest.0")
			d.Remove("manifest.1")
		}, "manifest.0", "make an empty file manifest.0"},
		"two empty ones": {func(d *journaltest.Disk) {
			d.Put("manifest.0", nil)
			d.Put("manifest.1", nil)
		}, "manifest.0", "not what was written"},
		"an empty one of the wrong name": {func(d *journaltest.Disk) {
			d.Remove("manifest.0")
			d.Put("manifest.1", nil)
		}, "manifest.1", "not what was written"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			c1 := d.Kill()
			c.change(c1)
			if c.file == "" {
				_, _, _, err := reopen(c1, small)
				if damage := (*journal.DamageError)(nil); !errors.As(err, &damage) {
					t.Fatalf("open: %v", err)
				} else {
					c.file = damage.File
				}
			}
			seen := checkRefused(t, c1, what, c.file, c.reason)
			t.Log(seen.Damage)
			listed := map[uint32]bool{}
			for _, s := range seen.Segments {
				listed[s.Number] = true
			}
			for _, n := range []uint32{1, 3, 4} {
				if there := c1.Bytes(name(n)) != nil; listed[n] != there {
					t.Errorf("segment %d is there: %v, and listed: %v", n, there, listed[n])
				}
			}
		})
	}
}
