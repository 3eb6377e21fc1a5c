package engine

import (
	"flag"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
)

var (
	seeds     = flag.Uint64("seeds", 20, "how many runs each random test makes")
	firstSeed = flag.Uint64("first", 0, "the seed of the first")
)

// runs makes runs of a test, each from a seed of its own.
func runs(t *testing.T, f func(r *run)) {
	t.Parallel()
	for seed := *firstSeed; seed < *firstSeed+*seeds; seed++ {
		r := newRun(t, seed)
		r.said = fmt.Sprintf("seed %d", seed)
		f(r)
	}
}

// at says where the run is.
func (r *run) at(i int) {
	where, _, _ := strings.Cut(r.said, ",")
	r.said = fmt.Sprintf("%s, step %d", where, i)
}

// TestRecovery is the law that the disk rests on: whatever was dropped and copied,
// what stands in the log gives an equal state, and that one goes on.
func TestRecovery(t *testing.T) {
	runs(t, func(r *run) {
		for i := range 400 {
			r.at(i)
			r.step()
			if r.rnd.IntN(12) == 0 {
				r.cleanNow()
			}
			r.tend()
			if r.rnd.IntN(25) == 0 {
				r.reopen(false)
			}
		}
		r.empty()
	})
}

// tend drops what may go and checks the account.
func (r *run) tend() {
	if r.rnd.IntN(4) == 0 {
		r.log.drop(r.rnd)
	}
	if err := r.log.check(r.e); err != nil {
		r.failf("%v", err)
	}
}

// cleanNow empties some sheets at once, or stops in the middle.
func (r *run) cleanNow() {
	var victims []uint32
	stopped, often := false, []int{60, 200, 500, 2000}[r.rnd.IntN(4)]
	for range r.log.clean(r, func(n uint32) bool {
		if r.rnd.IntN(3) > 0 {
			return false
		}
		victims = append(victims, n)
		return true
	}) {
		if stopped = r.rnd.IntN(often) == 0; stopped {
			break
		}
	}
	for _, n := range victims {
		if need := r.log.Needed(n); need != 0 && !stopped {
			r.failf("of segment %d, which was emptied, %d bytes are needed", n, need)
		}
	}
}

// empty shows that cleaning comes to an end: of what is there now nothing stays.
func (r *run) empty() {
	last := r.log.last
	for range 40 {
		for range r.log.clean(r, func(n uint32) bool { return n <= last }) {
		}
		for range 8 {
			r.log.drop(r.rnd)
		}
		if n := r.log.numbers(); n[0] >= last {
			return
		}
	}
	r.failf("segments %v are still there", r.log.numbers())
}

// reopen recovers, compares, and goes on with one of the two; brief: with the
// recovered one.
func (r *run) reopen(brief bool) {
	want := r.stateOf(r.e, brief)
	torn := r.log.torn(r.log.count)
	fresh := torn.open(r.t, r.now, 50, r.rnd.IntN(2) == 0)
	if got := r.stateOf(fresh, brief); want != got {
		r.failf("the states differ\n%s", firstDifference(want, got))
	}
	for name, e := range map[string]*Engine{"live": r.e, "recovered": fresh} {
		if err := e.Check(); err != nil {
			r.failf("%s: %v", name, err)
		}
	}
	if !brief {
		r.compareHandles(fresh)
	}
	if brief || r.rnd.IntN(2) == 0 {
		r.e, r.log = fresh, torn
		r.log.Idle, r.e.Relaxed = nil, false
	}
}

// compareHandles shows that handles of before are as good as they were.
func (r *run) compareHandles(fresh *Engine) {
	for range min(20, len(r.handles)) {
		h := r.handles[r.rnd.IntN(len(r.handles))]
		live, recovered := r.e.ByNumber(h.Queue), fresh.ByNumber(h.Queue)
		if live == nil || recovered == nil {
			continue
		}
		_, want := live.Messages.(*store).consult(r.now, h)
		h.Slot = uint32(r.rnd.IntN(100)) // slots are other ones after a restart
		if _, got := recovered.Messages.(*store).consult(r.now, h); got != want {
			r.failf("handle %+v: live %d, recovered %d", h, want, got)
		}
	}
}

// TestInterleavedCleaning has calls between the steps of the cleaner.
func TestInterleavedCleaning(t *testing.T) {
	runs(t, func(r *run) {
		next, stop := func() (struct{}, bool) { return struct{}{}, false }, func() {}
		for i := range 600 {
			r.at(i)
			if r.rnd.IntN(3) == 0 {
				r.step()
			}
			for range r.rnd.IntN(20) {
				if _, more := next(); !more {
					next, stop = iter.Pull(r.log.clean(r, func(uint32) bool { return r.rnd.IntN(2) == 0 }))
				}
			}
			r.tend()
			if r.rnd.IntN(60) == 0 {
				stop()
				next = func() (struct{}, bool) { return struct{}{}, false }
				r.reopen(false)
			}
		}
		stop()
		r.empty()
	})
}

// moment is a state and how many records there were.
type moment struct {
	count int
	now   Time
	state string
}

// TestPowerLoss takes away what was written last: the state is the one of then. What
// was dropped stays dropped, so nothing that stands in for it may be lost.
func TestPowerLoss(t *testing.T) {
	runs(t, func(r *run) {
		var seen []moment
		for i := range 400 {
			r.at(i)
			if r.step(); r.rnd.IntN(10) == 0 {
				r.cleanNow()
			}
			r.tend()
			if len(seen) > 0 || r.rnd.IntN(15) == 0 {
				state := r.stateOf(r.e, false)
				seen = append(seen, moment{r.log.count, r.now, state})
			}
			if len(seen) == 0 || r.rnd.IntN(8) > 0 {
				continue
			}
			last := seen[r.rnd.IntN(len(seen))]
			if seen = nil; last.count < r.log.safe {
				continue
			}
			if cut := r.log.safe + r.rnd.IntN(r.log.count-r.log.safe+1); r.rnd.IntN(2) == 0 { // in the middle of a call
				e := r.log.torn(cut).open(r.t, r.now, 50, true)
				if err := e.Check(); err != nil {
					r.failf("cut at %d: %v", cut, err)
				}
			}
			r.log, r.now = r.log.torn(last.count), last.now
			r.e = r.log.open(r.t, r.now, 50, r.rnd.IntN(2) == 0)
			if got := r.stateOf(r.e, false); got != last.state {
				r.failf("the state at record %d differs\n%s", last.count, firstDifference(last.state, got))
			}
			if err := r.e.Check(); err != nil {
				r.failf("%v", err)
			}
			r.handles = slices.DeleteFunc(r.handles, func(h Handle) bool {
				q := r.e.ByNumber(h.Queue)
				return q == nil || h.Seq > q.Messages.Arrivals()
			})
		}
	})
}

// TestRefusals has a log that refuses records now and then: what it refused did not
// happen, but for what receives count, and nothing else is lost.
func TestRefusals(t *testing.T) {
	runs(t, func(r *run) {
		for i := range 400 {
			r.at(i)
			if i%40 == 0 {
				often := 1 + r.rnd.IntN(6)
				r.log.refuse = func(Kind) bool { return r.rnd.IntN(often) == 0 }
			}
			if r.step(); r.rnd.IntN(12) == 0 {
				for range r.log.clean(r, func(uint32) bool { return r.rnd.IntN(3) == 0 }) {
				}
			}
			r.tend()
			if err := r.e.Check(); err != nil {
				r.failf("%v", err)
			}
			if i%40 == 39 {
				r.log.refuse = nil
				r.reopen(true)
			}
		}
	})
}
