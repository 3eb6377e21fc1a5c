package journal_test

import (
	"errors"
	"math/rand/v2"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// manifests is the room that those of a log take.
const manifests = 2 * 512

// fillUp appends until the disk is full.
func fillUp(t *testing.T, l *journal.Log, h *history, m journal.Mode) {
	t.Helper()
	for range 10_000 {
		if err := h.step(l, 1, m); errors.Is(err, journal.ErrFull) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("the disk never got full")
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	for name, heal := range map[string]func(*journaltest.Disk, *journal.Log, *history) error{
		"room from outside": func(d *journaltest.Disk, _ *journal.Log, _ *history) error {
			d.Limit(300 << 10)
			return nil
		},
		"drop": func(_ *journaltest.Disk, l *journal.Log, h *history) error { return h.drop(l, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d, h := disk(), newHistory()
				o := journal.Options{SegmentSize: 16 << 10}
				d.Limit(6*o.SegmentSize + manifests)
				l, _, _ := mustOpen(t, d, o)
				fillUp(t, l, h, journal.Synced)
				if n := h.places[len(h.places)-1].pos.Segment; n != 4 {
					t.Fatalf("full in segment %d: the last two of 6 are kept back", n)
				}
				for range 10 {
					if err := h.step(l, 1, journal.Synced|journal.Reserve); err != nil {
						t.Fatalf("from the reserve: %v", err)
					}
				}
				if err := h.step(l, 1, journal.Synced); !errors.Is(err, journal.ErrFull) {
					t.Fatalf("still full, but: %v", err)
				}
				if err := heal(d, l, h); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Second)
				if err := h.step(l, 1, journal.Synced); err != nil {
					t.Fatalf("after healing: %v", err)
				}
				fillUp(t, l, h, journal.Synced|journal.Reserve) // to the very end
				mustClose(t, l)
				l, got, _ := mustOpen(t, d, o)
				defer mustClose(t, l)
				if err := h.check(got); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// TestFullWhileOpening: a log on a full disk opens and can be read.
func TestFullWhileOpening(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, h := disk(), newHistory()
		l, _, _ := mustOpen(t, d, small)
		for range 20 {
			if err := h.step(l, 2, journal.Synced); err != nil {
				t.Fatal(err)
			}
		}
		mustClose(t, l)
		d.Limit(0)
		l, got, _ := mustOpen(t, d, small)
		defer mustClose(t, l)
		if err := h.check(got); err != nil {
			t.Fatal(err)
		}
		if err := h.step(l, 1, journal.Synced|journal.Reserve); err != nil {
			t.Fatal(err)
		}
	})
}

// TestNoSpaceAtAnyCall: one call after the other, and the nine that follow it, says
// that the disk is full. The log survives, and so does everything it was given.
func TestNoSpaceAtAnyCall(t *testing.T) {
	t.Parallel()
	for first := 1; ; first++ {
		hit := false
		synctest.Test(t, func(t *testing.T) {
			d, h := disk(), newHistory()
			d.Before(func(call int, op journaltest.Op, _ string) error {
				if call < first || call >= first+10 || op == journaltest.Sync || op == journaltest.SyncDir {
					return nil
				}
				hit = true
				return syscall.ENOSPC
			})
			l, _, _, err := reopen(d, small)
			for errors.Is(err, journal.ErrFull) { // a new log needs room for its manifest
				l, _, _, err = reopen(d, small)
			}
			if err != nil {
				t.Fatalf("call %d: %v", first, err)
			}
			r := rand.New(rand.NewPCG(uint64(first), 4))
			for i := range 40 {
				err := h.step(l, 1+r.IntN(3), journal.Synced)
				if errors.Is(err, journal.ErrFull) {
					time.Sleep(time.Second)
				} else if err != nil {
					t.Fatalf("call %d: %v", first, err)
				}
				if i%10 == 9 && i < len(h.places) && h.places[len(h.places)-1].pos.Segment > h.places[i].pos.Segment {
					if err := h.drop(l, h.places[i].pos.Segment); err != nil && !errors.Is(err, journal.ErrFull) && !errors.Is(err, journal.ErrDropped) {
						t.Fatalf("call %d: drop: %v", first, err)
					}
				}
			}
			time.Sleep(10 * time.Second)
			err = h.step(l, 1, journal.Synced)
			for range 10 { // the calls that fail may come only now, one each time room is asked for
				if !errors.Is(err, journal.ErrFull) {
					break
				}
				time.Sleep(10 * time.Second)
				err = h.step(l, 1, journal.Synced)
			}
			if err != nil {
				t.Fatalf("call %d: after healing: %v", first, err)
			}
			h.acked = h.attempted // what Append took is there, whatever Wait said
			crashed := d.Kill().Crash(uint64(first))
			d.Before(nil)
			mustClose(t, l)
			for _, d := range []*journaltest.Disk{d, crashed} {
				l, got, _, err := reopen(d, small)
				if err == nil {
					err = h.check(got)
				}
				if err != nil {
					t.Fatalf("call %d: %v", first, err)
				}
				mustClose(t, l)
			}
		})
		if !hit {
			t.Logf("%d calls", first)
			return
		}
		if t.Failed() {
			return
		}
	}
}

// TestFailedCallEndsTheLog: any call fails for good; everybody is told, nothing is
// tried again, and what was acknowledged survives.
func TestFailedCallEndsTheLog(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, cause := range []error{broken, syscall.EIO, syscall.ENOSPC} {
		t.Run(cause.Error(), func(t *testing.T) {
			t.Parallel()
			for failing, more := 1, true; (more || failing < 200) && !t.Failed(); failing++ {
				synctest.Test(t, func(t *testing.T) { more = failOnce(t, cause, failing) })
			}
		})
	}
}

// failOnce has a call fail, and reports whether there were so many.
func failOnce(t *testing.T, cause error, failing int) (hit bool) {
	d, h := disk(), newHistory()
	if failing%2 == 0 {
		d.Plain()
	}
	full := errors.Is(cause, syscall.ENOSPC)
	d.Before(func(call int, op journaltest.Op, _ string) error {
		if call != failing || full && op != journaltest.Sync && op != journaltest.SyncDir {
			return nil
		}
		hit = true
		return cause
	})
	err := workload(d, small, h, rand.New(rand.NewPCG(7, 7)), 40)
	// With ENOSPC a file that is still being zeroed may be thrown away and made again.
	if hit && err == nil && !full {
		t.Fatalf("call %d: nobody was told", failing)
	}
	if err != nil && !errors.Is(err, cause) && !errors.Is(err, journal.ErrFull) && !full {
		t.Fatalf("call %d: %v", failing, err)
	}
	left := h.left
	if left == nil {
		left = d.Kill()
	}
	for seed := range uint64(4) {
		known := h.copy()
		killed, err := goOn(left.Clone(), small, known, int(seed)) // the system lives: it may remember what the disk lost
		if err == nil {
			_, err = goOn(killed.Crash(seed), small, known, 0)
		}
		if err == nil {
			_, err = goOn(left.Crash(seed), small, h.copy(), 0)
		}
		if err != nil {
			t.Fatalf("call %d, crash %d: %v", failing, seed, err)
		}
	}
	return hit
}

func TestEverybodyIsTold(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	d := disk()
	l, _, _ := mustOpen(t, d, small)
	mustAppend(t, l, []byte("good"), journal.Synced)
	once := false
	d.Before(func(_ int, op journaltest.Op, _ string) error {
		if op == journaltest.Sync && !once { // it would go well again, but is not tried
			once = true
			return broken
		}
		return nil
	})
	_, ticket, err := add(l, []byte("bad"), journal.Synced)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := l.Wait(ticket); !errors.Is(err, broken) {
			t.Fatalf("wait: %v", err)
		}
	}
	_, _, appended := add(l, nil, journal.Written)
	for what, err := range map[string]error{
		"append": appended, "sync": l.Sync(), "close": l.Close(),
	} {
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
