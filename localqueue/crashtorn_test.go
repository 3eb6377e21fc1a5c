package localqueue_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/localqueue"
)

// TestTornAnywhere cuts the last group off at every byte: the operation that wrote it
// happened or did not.
func TestTornAnywhere(t *testing.T) {
	t.Parallel()
	points := 0
	for seed := range uint64(2) {
		synctest.Test(t, func(t *testing.T) {
			st := tell(t, promises["receives synced"], seed)
			st.open()
			st.open()
			synctest.Wait()
			st.past = append(st.past, moment{at: time.Now().UnixNano(), dump: st.Dump()})
			for range 30 {
				st.step(st.next())
			}
			for _, kind := range []func() operation{st.user.send, st.user.receive, st.user.remove, st.user.change, st.user.tags} {
				time.Sleep(2 * time.Second) // move tasks rest, and what was written is on the disk
				synctest.Wait()
				points += st.tear(kind())
			}
			if err := st.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Logf("%d crashes", points)
}

// tear does an operation and recovers it from every part of what it wrote.
func (st *story) tear(op operation) (points int) {
	before, old := st.Dump(), st.disk.Kill()
	if err := op.do(); err != nil {
		return 0 // such as a message that is gone
	}
	synctest.Wait()
	after, now := st.Dump(), st.disk.Kill()
	at := time.Now().UnixNano()
	if before.At(at).Equal(after.At(at)) || before.Moving() {
		return 0
	}
	for _, name := range now.Files() {
		was, is := old.Bytes(name), now.Bytes(name)
		if len(was) != len(is) {
			continue
		}
		from, to := changed(was, is)
		for _, cut := range cuts(from, to) {
			left := now.Clone()
			left.Put(name, slices.Concat(is[:cut], was[cut:]))
			found, err := localqueue.Recover(left, at, st.relaxed)
			whole := found.Equal(after.At(at))
			if err != nil || whole != (cut == to) || !whole && !found.Equal(before.At(at)) {
				st.t.Errorf("%s: %s, cut at byte %d of %d to %d of %s: whole %v, error %v; from before: %s", st.name, op.name, cut, from, to, name,
					whole, err, difference(before.At(at).Rows(), found.Rows()))
				return points
			}
			points++
		}
	}
	return points
}

// cuts are the places to cut at: all but the middle of a long body, the last one being
// the end.
func cuts(from, to int) (list []int) {
	step := 1
	if raceDetector {
		step = 10
	}
	for cut := from; cut < to; cut += step {
		if cut < from+150 || cut >= to-100 {
			list = append(list, cut)
		}
	}
	return append(list, to)
}

// changed is where two texts differ.
func changed(a, b []byte) (from, to int) {
	for from < len(a) && a[from] == b[from] {
		from++
	}
	for to = len(a); to > from && a[to-1] == b[to-1]; to-- {
	}
	return from, to
}
