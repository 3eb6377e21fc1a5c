package journal_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

var crashes = flag.Int("crashes", 3000, "how many simulated crashes each crash test goes through")

// workload appends, waits and drops, as r has it. An error ends it; h.left is the disk as
// it was then.
func workload(d *journaltest.Disk, o journal.Options, h *history, r *rand.Rand, steps int) (err error) {
	l, got, _, err := reopen(d, o)
	if err != nil {
		return err
	}
	if err := h.check(got); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			h.left = d.Kill()
			l.Close()
		}
	}()
	h.set(func() { h.resume(got) })
	if r.IntN(2) == 0 {
		h.intrude(d, l)
		defer d.During(nil)
	}
	for range steps {
		m := journal.Synced
		if r.IntN(4) == 0 {
			m = journal.Written
		}
		if err := h.step(l, 1+r.IntN(4), m); err != nil {
			return err
		}
		places := h.copy().places
		if e := places[r.IntN(len(places))]; r.IntN(8) == 0 && e.pos.Segment+1 < places[len(places)-1].pos.Segment {
			_ = h.drop(l, e.pos.Segment) // it may be gone already
		}
		if list := l.Segments(); r.IntN(12) == 0 && len(list) > 0 {
			last := list[len(list)-1].Number
			if err := l.Seal(last); err != nil && !errors.Is(err, journal.ErrFull) {
				return err
			}
			if r.IntN(2) == 0 {
				_ = h.drop(l, last) // there may have been no room to seal it
			}
		}
	}
	return l.Close()
}

// TestCrashAtEveryCall crashes before every call of the file layer that a workload
// makes, each time in several ways, recovers, goes on, crashes again and recovers.
func TestCrashAtEveryCall(t *testing.T) {
	t.Parallel()
	for _, policy := range []journal.SyncPolicy{journal.Always, journal.Never} {
		o := small
		o.Sync = policy
		t.Run(fmt.Sprint("policy ", int64(policy)), func(t *testing.T) {
			t.Parallel()
			var points, allocated atomic.Int64
			for seed := uint64(1); points.Load() < int64(*crashes) && !t.Failed(); seed++ {
				synctest.Test(t, func(t *testing.T) { // so that segments are used up in no time
					crashEverywhere(t, o, seed, &points, &allocated)
				})
			}
			if allocated.Load() == 0 {
				t.Error("no segment was ever allocated")
			}
			t.Logf("%d crashes, %d segments allocated", points.Load(), allocated.Load())
		})
	}
}

func crashEverywhere(t *testing.T, o journal.Options, seed uint64, points, allocated *atomic.Int64) {
	d, h := disk(), newHistory()
	if seed%3 == 0 {
		d.Plain()
	}
	d.Before(func(call int, op journaltest.Op, name string) error {
		if op == journaltest.Allocate {
			allocated.Add(1)
		}
		for i := range uint64(3) {
			known := h.copy()
			if o.Sync == journal.Never {
				known.acked = 0 // nothing is promised but order
			}
			s := seed<<32 + uint64(call)<<8 + i
			if err := crashTwice(d.Clone(), o, known, s); err != nil && !t.Failed() {
				t.Errorf("seed %d, before call %d (%s %s), crash %d: %v", seed, call, op, name, i, err)
			}
			points.Add(2)
		}
		return nil
	})
	r := rand.New(rand.NewPCG(seed, 2))
	for range 3 {
		if err := workload(d, o, h, r, 20); err != nil {
			t.Errorf("seed %d: %v", seed, err)
			return
		}
	}
}

// crashTwice crashes d, or only ends the process, recovers, appends a little, crashes that and recovers.
func crashTwice(d *journaltest.Disk, o journal.Options, h *history, seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 3))
	steps := r.IntN(4)
	if r.IntN(16) == 0 {
		steps = 40 // through all the segments that stood ready
	}
	first := d // the end of the process alone, with everything still to be seen
	if r.IntN(4) > 0 {
		first = d.Crash(r.Uint64())
	}
	d, err := goOn(first, o, h, steps)
	if err != nil {
		return fmt.Errorf("first crash: %w", err)
	}
	if _, err := goOn(d.Crash(r.Uint64()), o, h, 0); err != nil {
		return fmt.Errorf("second crash: %w", err)
	}
	return nil
}

// goOn recovers, appends some, and returns the disk as it is with the log open.
func goOn(d *journaltest.Disk, o journal.Options, h *history, steps int) (*journaltest.Disk, error) {
	var records uint64
	seen, err := journal.Look(d, true, func(journal.Entry) error { records++; return nil })
	if err != nil {
		return nil, err
	}
	l, got, _, err := reopen(d, o)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if seen.Damage != nil || records != uint64(len(got)) { // that is what footers are compared with
		return nil, fmt.Errorf("read whole there are %d records and %v, but %d were recovered", records, seen.Damage, len(got))
	}
	if err := h.check(got); err != nil {
		return nil, err
	}
	h.resume(got)
	found := h.acked
	for i := range steps {
		if err := h.step(l, 1+i%3, journal.Mode((i+1)%2)*journal.Synced); err != nil {
			return nil, err
		}
	}
	if o.Sync == journal.Never {
		h.acked = found
	}
	return d.Kill(), nil
}

// TestKillThenCrash ends the process where names have changed that the disk does not
// have yet, goes on, and crashes before every call from there on.
func TestKillThenCrash(t *testing.T) {
	t.Parallel()
	type state struct {
		d *journaltest.Disk
		h *history
	}
	var killed []state
	d, h := disk(), newHistory()
	d.Before(func(_ int, op journaltest.Op, _ string) error {
		if op == journaltest.SyncDir {
			killed = append(killed, state{d.Clone(), h.copy()})
		}
		return nil
	})
	if err := workload(d, small, h, rand.New(rand.NewPCG(9, 9)), 80); err != nil {
		t.Fatal(err)
	}
	var points int
	for i, k := range killed {
		k.d.Before(func(call int, op journaltest.Op, name string) error {
			for seed := range uint64(2) {
				points++
				if _, err := goOn(k.d.Clone().Crash(uint64(call)<<8+seed), small, k.h.copy(), 0); err != nil && !t.Failed() {
					t.Errorf("kill %d, before call %d (%s %s), crash %d: %v", i, call, op, name, seed, err)
				}
			}
			return nil
		})
		l, got, _ := mustOpen(t, k.d, small)
		k.h.set(func() { k.h.resume(got) })
		for range 10 {
			if err := k.h.step(l, 3, journal.Synced|journal.Reserve); err != nil {
				t.Fatal(err)
			}
		}
		mustClose(t, l)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d kills, %d crashes", len(killed), points)
}

// TestNothingLostAfterClose: what was closed is on the disk, under any policy.
func TestNothingLostAfterClose(t *testing.T) {
	t.Parallel()
	for _, policy := range []journal.SyncPolicy{journal.Always, journal.Interval(1 << 40), journal.Never} {
		o := small
		o.Sync = policy
		for seed := range uint64(20) {
			d, h := disk(), newHistory()
			l, _, _ := mustOpen(t, d, o)
			for range 20 + seed {
				if err := h.step(l, 2, journal.Written); err != nil {
					t.Fatal(err)
				}
			}
			mustClose(t, l)
			h.acked = h.attempted
			if _, err := goOn(d.Crash(seed), o, h, 0); err != nil {
				t.Fatalf("policy %d, crash %d: %v", policy, seed, err)
			}
		}
	}
}
