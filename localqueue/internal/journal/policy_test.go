package journal_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// TestWhenItSyncs counts the syncs of segments that a policy makes, in virtual time.
func TestWhenItSyncs(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		policy journal.SyncPolicy
		mode   journal.Mode
		quiet  time.Duration // no sync until then
		until  time.Duration // and one by then
		want   int64
	}{
		"always":            {journal.Always, journal.Synced, 0, 0, 1},
		"always, written":   {journal.Always, journal.Written, 99 * time.Millisecond, 100 * time.Millisecond, 1},
		"interval":          {journal.Interval(time.Second), journal.Synced, 999 * time.Millisecond, time.Second, 1},
		"interval, written": {journal.Interval(time.Second), journal.Written, 999 * time.Millisecond, time.Second, 1},
		"never":             {journal.Never, journal.Synced, day, day, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := disk()
				o := small
				o.Sync = c.policy
				l, _, _ := mustOpen(t, d, o)
				mustAppend(t, l, nil, journal.Written)
				if err := l.Sync(); err != nil {
					t.Fatal(err)
				}
				var syncs atomic.Int64
				d.Before(func(_ int, op journaltest.Op, name string) error {
					if op == journaltest.Sync && strings.HasSuffix(name, ".log") {
						syncs.Add(1)
					}
					return nil
				})
				mustAppend(t, l, []byte("x"), c.mode)
				time.Sleep(c.quiet)
				synctest.Wait()
				if n := syncs.Load(); c.quiet > 0 && n != 0 {
					t.Fatalf("%d syncs after %v", n, c.quiet)
				}
				time.Sleep(c.until - c.quiet)
				synctest.Wait()
				if n := syncs.Load(); n != c.want {
					t.Fatalf("%d syncs after %v, want %d", n, c.until, c.want)
				}
				time.Sleep(day)
				synctest.Wait()
				if n := syncs.Load(); n != c.want {
					t.Fatalf("%d syncs in the end, want %d: an idle log has nothing to do", n, c.want)
				}
				mustClose(t, l)
			})
		})
	}
}

// TestNaturalBatching: those who come while a sync is in flight share the next.
func TestNaturalBatching(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := disk()
		l, _, _ := mustOpen(t, d, journal.Options{SegmentSize: 1 << 20})
		defer mustClose(t, l)
		mustAppend(t, l, nil, journal.Synced)
		synctest.Wait() // segments are ready
		const callers = 50
		syncs := slowly(d, time.Millisecond)
		var left atomic.Int64
		for range callers {
			left.Add(1)
			go func() {
				defer left.Add(-1)
				_, ticket, err := add(l, []byte("x"), journal.Synced)
				if err == nil {
					err = l.Wait(ticket)
				}
				if err != nil {
					t.Error(err)
				}
			}()
		}
		time.Sleep(time.Second)
		if n := syncs.Load(); left.Load() != 0 || n > 2 {
			t.Errorf("%d syncs for %d callers at once, %d not answered", n, callers, left.Load())
		}
	})
}
