package journal_test

import (
	"errors"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// TestWrittenDuringSync: who waits for a record to be written does not wait for a sync
// that is in flight, also if that record seals a segment; who waits for one to be synced
// waits for the next sync, which all that was written meanwhile shares.
func TestWrittenDuringSync(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{2 << 10, 16 << 10} {
		synctest.Test(t, func(t *testing.T) {
			d, h := disk(), newHistory()
			o := journal.Options{SegmentSize: size}
			l, _, _ := mustOpen(t, d, o)
			if err := h.step(l, 1, journal.Synced); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			slowly(d, time.Hour)
			start := time.Now()
			first, firstDone := synced(t, l, h)
			synctest.Wait()
			second, secondDone := synced(t, l, h)
			for range 20 {
				_, _, ticket, err := h.append(l, journal.Written)
				if err == nil {
					err = l.Wait(ticket)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if took := time.Since(start); took != 0 {
				t.Errorf("written after %v", took)
			}
			for _, p := range []journal.Pos{first, second} {
				if err := l.Await(p); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if p == first && (time.Since(start) != time.Hour || firstDone.Load() != 1 || secondDone.Load() != 0) {
					t.Errorf("first awaited after %v", time.Since(start))
				}
				recovered, got, _ := mustOpen(t, d.Kill().Crash(0), o) // nothing lands that was not synced
				mustClose(t, recovered)
				if want := map[journal.Pos]int{first: 2, second: 23}[p]; len(got) != want {
					t.Errorf("%d records are safe, want %d", len(got), want)
				}
			}
			segments := len(slices.DeleteFunc(l.Segments(), func(s journal.SegmentInfo) bool { return s.Used == segmentHeader }))
			if want := time.Duration(1+segments) * time.Hour; time.Since(start) != want || secondDone.Load() != 1 {
				t.Errorf("second awaited after %v, want %v: one more sync of each of %d segments", time.Since(start), want, segments)
			}
			d.During(nil)
			mustClose(t, l)
		})
	}
}

// synced appends a body and counts when it is synced.
func synced(t *testing.T, l *journal.Log, h *history) (journal.Pos, *atomic.Int64) {
	_, p, ticket, err := h.append(l, journal.Synced)
	if err != nil {
		t.Fatal(err)
	}
	var done atomic.Int64
	go func() {
		if err := l.Wait(ticket); err != nil {
			t.Error(err)
		}
		done.Add(1)
	}()
	return p, &done
}

// TestNobodyHasty: what only waits to be synced is not written while a sync is in
// flight: it is one group, however many they are.
func TestNobodyHasty(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, h := disk(), newHistory()
		l, _, _ := mustOpen(t, d, journal.Options{SegmentSize: 16 << 10})
		if err := h.step(l, 1, journal.Synced); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		slowly(d, time.Hour)
		var writes atomic.Int64
		d.Before(func(_ int, op journaltest.Op, _ string) error {
			if op == journaltest.Write {
				writes.Add(1)
			}
			return nil
		})
		for range 30 {
			synced(t, l, h)
			synctest.Wait()
		}
		if n := writes.Load(); n != 1 {
			t.Errorf("%d writes in the first hour, want 1", n)
		}
		if err := l.Sync(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := writes.Load(); n != 2 {
			t.Errorf("%d writes in two hours, want 2", n)
		}
		d.During(nil)
		mustClose(t, l)
	})
}

// TestFailureDuringSync: a write fails for good while a sync is in flight. The sync
// answers for what it covers, everybody else is told.
func TestFailureDuringSync(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, failing := range []journaltest.Op{journaltest.Write, journaltest.Sync} {
		synctest.Test(t, func(t *testing.T) {
			d, h := disk(), newHistory()
			l, _, _ := mustOpen(t, d, journal.Options{SegmentSize: 16 << 10})
			slowly(d, time.Hour)
			_, _, covered, err := h.append(l, journal.Synced)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			_, _, written, err := h.append(l, journal.Written)
			if err == nil {
				err = l.Wait(written)
			}
			if err != nil {
				t.Fatal(err)
			}
			d.Before(func(_ int, op journaltest.Op, _ string) error {
				if op == failing {
					return broken
				}
				return nil
			})
			_, p, later, err := h.append(l, journal.Synced)
			if err != nil {
				t.Fatal(err)
			}
			if failing == journaltest.Write {
				if _, _, ticket, err := h.append(l, journal.Written); err != nil || !errors.Is(l.Wait(ticket), broken) {
					t.Errorf("written: %v", err)
				}
			}
			if err := l.Wait(covered); err != nil {
				t.Errorf("covered by a sound sync: %v", err)
			}
			if err := l.Wait(later); !errors.Is(err, broken) {
				t.Errorf("written after it: %v", err)
			}
			if err := l.Await(p); !errors.Is(err, broken) {
				t.Errorf("await: %v", err)
			}
			if err := l.Close(); !errors.Is(err, broken) {
				t.Errorf("close: %v", err)
			}
		})
	}
}

// TestSyncedWhileStalled: a write that finds no room holds up nothing that was written
// before: it is synced in time, or when somebody waits for it.
func TestSyncedWhileStalled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, l := full(t)
		_, _, err := add(l, []byte("old"), journal.Written)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		syncs := slowly(d, 0)
		d.Before(func(_ int, op journaltest.Op, _ string) error {
			if op == journaltest.Write {
				return syscall.ENOSPC
			}
			return nil
		})
		_, ticket, err := add(l, []byte("new"), journal.Written)
		if err != nil || !errors.Is(l.Wait(ticket), journal.ErrFull) {
			t.Fatalf("not stalled: %v", err)
		}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if n := syncs.Load(); n != 1 {
			t.Errorf("%d syncs after 100 ms", n)
		}
		d.Before(nil)
		time.Sleep(time.Second)
		mustClose(t, l)
	})
}
