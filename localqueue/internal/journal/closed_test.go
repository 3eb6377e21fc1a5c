package journal_test

import (
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// checkClean opens the log on d, and sees whether it was closed in order.
func checkClean(t *testing.T, what string, d *journaltest.Disk, o journal.Options, want bool) *journal.Log {
	t.Helper()
	l, _, _ := mustOpen(t, d, o)
	if l.Clean() != want {
		t.Errorf("%s: clean: %v", what, !want)
	}
	return l
}

// TestClean: a log is as Close left it until it is opened again, and no longer.
func TestClean(t *testing.T) {
	t.Parallel()
	for _, policy := range []journal.SyncPolicy{journal.Always, journal.Interval(1 << 50), journal.Never} {
		o := journal.Options{SegmentSize: 16 << 10, Sync: policy}
		d := disk()
		mustClose(t, checkClean(t, "a new log", d, o, true))
		l := checkClean(t, "nothing in it", d, o, true)
		mustAppend(t, l, []byte("first"), journal.Written)
		mustClose(t, l)
		for seed := range uint64(8) {
			mustClose(t, checkClean(t, "closed, and power fails", d.Kill().Crash(seed), o, true))
		}
		l = checkClean(t, "closed", d, o, true)
		for seed := range uint64(8) {
			mustClose(t, checkClean(t, "opened, and power fails", d.Kill().Crash(seed), o, false))
		}
		mustAppend(t, l, []byte("second"), journal.Written)
		mustAppend(t, l, []byte("third"), journal.Written)
		if !l.Clean() {
			t.Error("it tells of what Open found")
		}
		after := d.Kill().Crash(0) // nothing lands: the log ends with the mark of Close
		again, got, report := mustOpen(t, after, o)
		if policy != journal.Always && len(got) != 1 || report.Cut != nil || again.Clean() {
			t.Errorf("policy %d, both records lost: %d records, cut %v, clean %v", policy, len(got), report.Cut, again.Clean())
		}
		mustClose(t, again)
		mustClose(t, l)
		mustClose(t, checkClean(t, "closed again", d, o, true))
	}
}

// TestCleanOnlyIfBothManifestsSay: what one alone says may be of an earlier time.
func TestCleanOnlyIfBothManifestsSay(t *testing.T) {
	t.Parallel()
	base, _ := closed(t)
	for what, change := range map[string]func(d *journaltest.Disk){
		"one missing": func(d *journaltest.Disk) { d.Remove("manifest.0") },
		"the other":   func(d *journaltest.Disk) { d.Remove("manifest.1") },
		"one damaged": func(d *journaltest.Disk) { d.Put("manifest.0", make([]byte, 512)) },
		"taken": func(d *journaltest.Disk) {
			d.Remove("manifest.1")
			d.Put("manifest.0", nil)
		},
	} {
		d := base.Kill()
		change(d)
		mustClose(t, checkClean(t, what, d, small, false))
		mustClose(t, checkClean(t, what+", closed", d, small, true))
	}
}

// TestCloseWithoutRoomForTheManifest loses nothing, and says nothing.
func TestCloseWithoutRoomForTheManifest(t *testing.T) {
	t.Parallel()
	for _, broken := range []error{syscall.ENOSPC, syscall.EIO} {
		d, h := disk(), newHistory()
		l, _, _ := mustOpen(t, d, small)
		for range 20 {
			if err := h.step(l, 1, journal.Synced); err != nil {
				t.Fatal(err)
			}
		}
		d.Before(func(_ int, op journaltest.Op, n string) error {
			if op == journaltest.Write && strings.HasPrefix(n, "manifest.") {
				return broken
			}
			return nil
		})
		if err := l.Close(); (broken == syscall.ENOSPC) != (err == nil) || err != nil && !errors.Is(err, broken) {
			t.Errorf("close: %v", err)
		}
		d = d.Crash(0)
		l, got, report := mustOpen(t, d, small)
		if err := h.check(got); err != nil || report.Cut != nil || l.Clean() {
			t.Errorf("%v: clean %v, cut %v, %v", broken, l.Clean(), report.Cut, err)
		}
		mustClose(t, l)
		mustClose(t, checkClean(t, "closed with room", d, small, true))
	}
}
