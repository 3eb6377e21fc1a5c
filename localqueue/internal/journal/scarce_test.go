package journal_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// TestTooManyOpenFiles: every call that makes a segment fails for lack of something, and
// those after it, too. The log says why it refuses, and goes on by itself.
func TestTooManyOpenFiles(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM} {
		t.Run(cause.Error(), func(t *testing.T) {
			t.Parallel()
			refused, first := 0, 1
			for more := true; more && !t.Failed(); first++ {
				synctest.Test(t, func(t *testing.T) { more = scarce(t, cause, first, &refused) })
			}
			if t.Logf("%d calls, %d refusals", first, refused); refused == 0 {
				t.Error("nobody was ever told")
			}
		})
	}
}

// scarce has a call of the filler fail that makes a segment, and all for ten seconds
// from then on. It reports whether there were so many.
func scarce(t *testing.T, cause error, first int, refused *int) bool {
	d, h := disk(), newHistory()
	l, _, _ := mustOpen(t, d, small)
	calls, until := 0, time.Time{}
	fails := func() error {
		if calls++; calls == first {
			until = time.Now().Add(10 * time.Second)
		}
		if calls < first || !time.Now().Before(until) {
			return nil
		}
		return cause
	}
	d.Opening(func(string) error { return fails() })
	d.Before(func(_ int, op journaltest.Op, n string) error {
		making := []journaltest.Op{journaltest.Create, journaltest.Write, journaltest.Allocate, journaltest.Truncate, journaltest.Sync}
		if e := filepath.Ext(n); !slices.Contains(making, op) || e != ".new" && e != ".old" || op == journaltest.Sync && d.Clone().Bytes(n)[0] != 0 {
			return nil // a header that may not be on the disk ends the log
		}
		return fails()
	})
	for i := range 60 {
		err := h.step(l, 2, journal.Synced)
		if errors.Is(err, journal.ErrFull) {
			if *refused++; !errors.Is(err, cause) || !strings.Contains(err.Error(), "make segment") || strings.Contains(err.Error(), "disk is full") {
				t.Fatalf("call %d: refused with %v", first, err)
			}
			time.Sleep(13 * time.Second)
		} else if err != nil {
			t.Fatalf("call %d: %v", first, err)
		}
		if i%15 == 14 { // the file is written again
			if err := h.drop(l, l.Segments()[0].Number); err != nil {
				t.Fatalf("call %d: drop: %v", first, err)
			}
		}
		synctest.Wait()
	}
	time.Sleep(13 * time.Second)
	if err := h.step(l, 1, journal.Synced); err != nil {
		t.Fatalf("call %d: afterwards: %v", first, err)
	}
	mustClose(t, l)
	if _, err := goOn(d.Crash(uint64(first)), small, h, 3); err != nil {
		t.Fatalf("call %d: %v", first, err)
	}
	return calls >= first
}

// TestTriesOnAFullDisk write nothing where room can be allocated, and become rarer; a
// drop makes the next one come at once.
func TestTriesOnAFullDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, h := disk(), newHistory()
		o := journal.Options{SegmentSize: 16 << 10, Spares: -1}
		d.Limit(6*o.SegmentSize + o.SegmentSize/2)
		l, _, _ := mustOpen(t, d, o)
		defer mustClose(t, l)
		fillUp(t, l, h, journal.Synced)
		time.Sleep(10 * time.Second)
		var tries []time.Time
		d.Before(func(_ int, op journaltest.Op, n string) error {
			switch {
			case strings.HasSuffix(n, ".new") && op == journaltest.Create:
				tries = append(tries, time.Now())
			case strings.HasSuffix(n, ".new") && (op == journaltest.Write || op == journaltest.Truncate):
				t.Errorf("%s %s on a full disk", op, n)
			}
			return nil
		})
		time.Sleep(time.Minute)
		d.Before(nil)
		if n := len(tries); n < 29 || n > 31 {
			t.Errorf("%d tries in a minute", n)
		}
		d.Limit(0)
		if err := h.drop(l, 1); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		time.Sleep(time.Millisecond) // room for one
		synctest.Wait()
		fillUp(t, l, h, journal.Synced)
		if n := h.places[len(h.places)-1].pos.Segment; n != 5 {
			t.Errorf("full in segment %d", n)
		}
		tries = nil
		d.Before(func(_ int, op journaltest.Op, n string) error {
			if op == journaltest.Allocate {
				tries = append(tries, time.Now())
			}
			return nil
		})
		time.Sleep(3 * time.Second)
		d.Before(nil)
		if len(tries) < 3 || tries[1].Sub(tries[0]) > time.Second {
			t.Errorf("tries at %v", tries)
		}
	})
}
