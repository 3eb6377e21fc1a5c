package journal_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// slowly counts the syncs of segments of d, each of which takes a while.
func slowly(d *journaltest.Disk, while time.Duration) *atomic.Int64 {
	var syncs atomic.Int64
	d.During(func(name string) {
		if strings.HasSuffix(name, ".log") {
			syncs.Add(1)
			time.Sleep(while)
		}
	})
	return &syncs
}

// TestAwait: what was awaited survives a power failure under Always, at once; nothing
// is synced that already is, nor under the other policies.
func TestAwait(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		policy journal.SyncPolicy
		mode   journal.Mode
		syncs  int64
	}{
		"always, written": {journal.Always, journal.Written, 1},
		"always, synced":  {journal.Always, journal.Synced, 1},
		"interval":        {journal.Interval(time.Hour), journal.Synced, 0},
		"never":           {journal.Never, journal.Synced, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := disk()
				o := journal.Options{SegmentSize: 16 << 10, Sync: c.policy}
				l, _, _ := mustOpen(t, d, o)
				mustAppend(t, l, []byte("first"), journal.Synced)
				synctest.Wait()
				syncs := slowly(d, time.Millisecond)
				p, _, err := add(l, []byte("awaited"), c.mode)
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				for range 3 {
					if err := l.Await(p); err != nil {
						t.Fatal(err)
					}
				}
				if n := syncs.Load(); n != c.syncs || time.Since(start) != time.Duration(n)*time.Millisecond {
					t.Errorf("%d syncs, want %d; it took %v", n, c.syncs, time.Since(start))
				}
				after := d.Kill()
				if c.policy == journal.Always {
					after = after.Crash(0) // that loses everything it can
				}
				recovered, got, _ := mustOpen(t, after, o)
				defer mustClose(t, recovered)
				if n := len(got); n != 2 || string(got[1].body) != "awaited" {
					t.Errorf("recovered %v", got)
				}
				d.During(nil)
				mustClose(t, l)
				if err := l.Await(p); err != nil {
					t.Errorf("after Close: %v", err)
				}
			})
		})
	}
}

func TestAwaitRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := disk()
		l, _, _ := mustOpen(t, d, small)
		if err := l.Await(journal.Pos{Segment: 1, Offset: segmentHeader}); err == nil {
			t.Error("awaited a record of an empty log")
		}
		e := mustAppend(t, l, []byte("x"), journal.Synced)
		e.pos.Offset += 1000
		if err := l.Await(e.pos); err == nil {
			t.Error("awaited a record that was never appended")
		}
		broken := errors.New("broken")
		d.Before(func(_ int, op journaltest.Op, _ string) error {
			if op == journaltest.Sync {
				return broken
			}
			return nil
		})
		p, _, err := add(l, []byte("y"), journal.Written)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := l.Await(p); !errors.Is(err, broken) {
				t.Errorf("await: %v", err)
			}
		}
		if err := l.Close(); !errors.Is(err, broken) {
			t.Errorf("close: %v", err)
		}
	})
}

// TestAwaitAfterOpen: what was recovered is safe.
func TestAwaitAfterOpen(t *testing.T) {
	t.Parallel()
	d, h, _, _ := sound(t)
	l, _, _ := mustOpen(t, d, small)
	defer mustClose(t, l)
	for _, e := range h.places {
		if err := l.Await(e.pos); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Await(mustAppend(t, l, []byte("x"), journal.Synced).pos); err != nil {
		t.Fatal(err)
	}
}

// TestNothingAllocated is not parallel, so that what others allocate does not count.
func TestNothingAllocated(t *testing.T) {
	l, _, _ := mustOpen(t, disk(), journal.Options{SegmentSize: 1 << 20})
	defer mustClose(t, l)
	p := mustAppend(t, l, []byte("x"), journal.Synced).pos
	for what, f := range map[string]func() error{
		"await": func() error { return l.Await(p) },
		"admit": func() error {
			room, err := l.Admit(1000, journal.Ordinary)
			room.Release()
			return err
		},
	} {
		if n := testing.AllocsPerRun(100, func() {
			if err := f(); err != nil {
				t.Error(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", what, n)
		}
	}
}
